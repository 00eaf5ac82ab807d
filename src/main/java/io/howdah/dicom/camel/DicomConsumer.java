package io.howdah.dicom.camel;

import io.howdah.dicom.DicomException;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.net.AssociationInfo;
import io.howdah.dicom.net.AssociationServer;
import io.howdah.dicom.net.FileSink;
import io.howdah.dicom.net.Offered;
import io.howdah.dicom.net.ProcedureSteps;
import io.howdah.dicom.net.ReceivedFile;
import io.howdah.dicom.net.Status;
import io.howdah.dicom.net.StepMessage;
import io.howdah.dicom.net.StoreRefused;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets peers call: hands its route each object and each procedure step, and answers when the route
 * is done with it, as {@link DicomConstants#STATUS} says, else 0000. A route that fails is answered
 * A700 for an object, 0110 for a step, so that the peer comes again.
 */
final class DicomConsumer extends DefaultConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(DicomConsumer.class);

  /** Less than Camel gives a route to stop, so that the last answers still leave. */
  private static final Duration GRACE = Duration.ofSeconds(4);

  private final DicomEndpoint endpoint;
  private final DicomReader reader = new DicomReader();
  private volatile AssociationServer server;

  DicomConsumer(DicomEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    this.endpoint = endpoint;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    DicomListening listening = endpoint.getListening();
    Optional<FileSink> store = Optional.empty();
    if (listening.getDirectory() != null) {
      Path directory = Path.of(listening.getDirectory());
      Disk.createDirectories(directory);
      store = Optional.of(new FileSink(directory, listening.fileOptions(), this::receive));
    }
    server =
        AssociationServer.start(
            endpoint.serverSettings(),
            new Offered(
                store.map(sink -> sink),
                listening.isProcedureSteps() ? Optional.of(new Steps()) : Optional.empty(),
                Optional.ofNullable(endpoint.getCommitments())));
    DicomMeters.show(endpoint);
    LOG.info(
        "dicom listener ready ae={} address={} peers={}",
        listening.getAeTitle(),
        endpoint.getServiceUrl(),
        listening.getPeers().isEmpty() ? "none" : listening.getPeers());
  }

  @Override
  protected void doStop() throws Exception {
    AssociationServer running = server;
    server = null;
    if (running != null) {
      running.close(GRACE);
    }
    super.doStop();
  }

  /** What is going on, empty while it does not listen. */
  Optional<AssociationServer> server() {
    return Optional.ofNullable(server);
  }

  private int receive(ReceivedFile file) throws StoreRefused, IOException {
    Exchange exchange = exchange(file.association(), "C-STORE");
    Message in = exchange.getIn();
    in.setBody(file);
    in.setHeader(DicomConstants.SOP_CLASS, file.object().sopClass());
    in.setHeader(DicomConstants.SOP_INSTANCE, file.object().sopInstance());
    in.setHeader(DicomConstants.TRANSFER_SYNTAX, file.object().transferSyntax());
    int status = answer(exchange, Status.OUT_OF_RESOURCES);
    boolean stored = status == Status.SUCCESS || Status.isWarning(status);
    endpoint.traffic().received(stored);
    if (!stored) {
      throw new StoreRefused(status);
    }
    return status;
  }

  private Exchange exchange(AssociationInfo association, String operation) {
    Exchange exchange = createExchange(false);
    Message in = exchange.getIn();
    in.setHeader(DicomConstants.OPERATION, operation);
    in.setHeader(DicomConstants.CALLING_AE_TITLE, association.callingAe());
    in.setHeader(DicomConstants.CALLED_AE_TITLE, association.calledAe());
    in.setHeader(DicomConstants.ADDRESS, association.address().getHostAddress());
    return exchange;
  }

  /** Runs the route and gives the status it came to. */
  private int answer(Exchange exchange, int failure) {
    try {
      createUoW(exchange);
      getProcessor().process(exchange);
      if (exchange.getException() == null) {
        return status(exchange.getMessage().getHeader(DicomConstants.STATUS));
      }
      StoreRefused refused = exchange.getException(StoreRefused.class);
      if (refused != null) {
        return refused.status();
      }
      getExceptionHandler()
          .handleException("a request was not done", exchange, exchange.getException());
    } catch (Exception | Error e) {
      LOG.error("request failed cause={}", String.valueOf(e));
    } finally {
      doneUoW(exchange);
      releaseExchange(exchange, false);
    }
    return failure;
  }

  /** A number, or hexadecimal digits as the standard writes them. */
  private static int status(Object header) {
    if (header == null) {
      return Status.SUCCESS;
    }
    return header instanceof Number number
        ? number.intValue() & 0xffff
        : Integer.parseInt(header.toString().strip(), 16) & 0xffff;
  }

  private final class Steps implements ProcedureSteps {
    @Override
    public int create(
        AssociationInfo association, String sopInstance, String transferSyntax, byte[] dataSet) {
      return step("N-CREATE", association, sopInstance, transferSyntax, dataSet);
    }

    @Override
    public int set(
        AssociationInfo association, String sopInstance, String transferSyntax, byte[] dataSet) {
      return step("N-SET", association, sopInstance, transferSyntax, dataSet);
    }

    private int step(
        String operation,
        AssociationInfo association,
        String sopInstance,
        String transferSyntax,
        byte[] dataSet) {
      Exchange exchange = exchange(association, operation);
      try {
        exchange
            .getIn()
            .setBody(
                new StepMessage(
                    operation.equals("N-CREATE"),
                    sopInstance,
                    reader.dataSet(dataSet, TransferSyntax.of(transferSyntax)),
                    association));
      } catch (DicomException e) {
        releaseExchange(exchange, false);
        LOG.warn("procedure step not understood peer={}", association.callingAe());
        return Status.PROCESSING_FAILURE;
      }
      exchange.getIn().setHeader(DicomConstants.SOP_INSTANCE, sopInstance);
      return answer(exchange, Status.PROCESSING_FAILURE);
    }
  }
}
