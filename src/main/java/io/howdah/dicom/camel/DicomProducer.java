package io.howdah.dicom.camel;

import io.howdah.dicom.Uids;
import io.howdah.dicom.net.Found;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.OpenCommitments;
import io.howdah.dicom.net.Reference;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.SendableFiles;
import io.howdah.dicom.net.StoreListener;
import io.howdah.dicom.net.StoreTally;
import io.howdah.dicom.net.StudySender;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.WritableHealthCheckRepository;
import org.apache.camel.support.DefaultProducer;

/** Calls a peer for each exchange. Safe for use by many threads. */
public final class DicomProducer extends DefaultProducer {
  private static final String CONFIRMED = "CamelDicomConfirmed:";

  private final DicomEndpoint endpoint;
  private StudySender sender;
  private WritableHealthCheckRepository checks;
  private DicomHealthCheck check;

  DicomProducer(DicomEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    sender = endpoint.sender();
    DicomMeters.show(endpoint);
    checks =
        HealthCheckHelper.getHealthCheckRepository(
            endpoint.getCamelContext(), "producers", WritableHealthCheckRepository.class);
    if (checks != null) {
      check = new DicomHealthCheck(endpoint);
      check.setEnabled(endpoint.isHealthCheckProducerEnabled());
      checks.addHealthCheck(check);
    }
  }

  @Override
  protected void doStop() throws Exception {
    if (check != null) {
      checks.removeHealthCheck(check);
      check = null;
    }
    super.doStop();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    switch (endpoint.getOperation()) {
      case send -> send(exchange);
      case echo -> answered("C-ECHO", sender.echo(), exchange);
      case find -> find(exchange);
      case commit -> commit(exchange);
      default -> throw new IllegalStateException("dicom:server begins a route");
    }
  }

  private void send(Exchange exchange) throws IOException, NotAllStored {
    Message message = exchange.getMessage();
    StoreListener listener = message.getHeader(DicomConstants.STORE_LISTENER, StoreListener.class);
    SendableFiles files = Sendable.of(exchange);
    StoreTally tally = new StoreTally();
    files.others().forEach(file -> tally.unsendable());
    Set<Instance> confirmed = confirmed(exchange);
    List<Instance> missing = new ArrayList<>(files.instances());
    if (listener == null) {
      missing.removeAll(confirmed);
    }
    StudySender.Sent sent =
        sender.send(
            missing,
            (instance, outcome) -> {
              tally.outcome(instance, outcome);
              if (listener != null) {
                listener.outcome(instance, outcome);
              } else if (outcome.stored()) {
                confirmed.add(instance);
              }
            });
    endpoint.traffic().sent(sent.associations(), tally);
    int before = files.instances().size() - missing.size();
    StudySent result =
        new StudySent(
            sent.associations(),
            sent.end(),
            tally.stored() + before,
            tally.notStored(),
            tally.outcomes());
    message.setHeader(DicomConstants.ASSOCIATIONS, result.associations());
    message.setHeader(DicomConstants.STORED, result.stored());
    message.setHeader(DicomConstants.NOT_STORED, result.notStored());
    if (listener == null && !result.complete()) {
      throw new NotAllStored(endpoint.peer().toString(), result, exchange);
    }
    exchange.removeProperty(key());
    message.setBody(result);
  }

  /** What this exchange has stored at this peer before it failed, so that a retry leaves it out. */
  @SuppressWarnings("unchecked")
  private Set<Instance> confirmed(Exchange exchange) {
    Set<Instance> confirmed = exchange.getProperty(key(), Set.class);
    if (confirmed == null) {
      confirmed = ConcurrentHashMap.newKeySet();
      exchange.setProperty(key(), confirmed);
    }
    return confirmed;
  }

  private String key() {
    return CONFIRMED + endpoint.peer();
  }

  private void find(Exchange exchange) throws RequestFailed {
    Message message = exchange.getMessage();
    Set<String> asked = new LinkedHashSet<>();
    Object body = message.getBody();
    for (Object item : body instanceof Iterable<?> many ? many : List.of(body)) {
      asked.add(item instanceof Instance instance ? instance.sopInstance() : item.toString());
    }
    Found found =
        sender.find(
            message.getHeader(DicomConstants.STUDY_UID, "", String.class),
            message.getHeader(DicomConstants.SERIES_UID, "", String.class),
            asked);
    if (!found.complete()) {
      throw new RequestFailed("C-FIND", endpoint.peer().toString(), found.reply(), exchange);
    }
    message.setBody(found.sopInstances());
  }

  private void commit(Exchange exchange) throws IOException, RequestFailed {
    Message message = exchange.getMessage();
    List<Reference> references = new ArrayList<>();
    if (message.getBody() instanceof Iterable<?> many
        && many.iterator().hasNext()
        && many.iterator().next() instanceof Reference) {
      many.forEach(item -> references.add((Reference) item));
    } else {
      Sendable.of(exchange)
          .instances()
          .forEach(each -> references.add(new Reference(each.sopClass(), each.sopInstance())));
    }
    String transaction =
        message.getHeader(DicomConstants.TRANSACTION_UID, Uids.create(), String.class);
    message.setHeader(DicomConstants.TRANSACTION_UID, transaction);
    OpenCommitments open = endpoint.openCommitments();
    open.remember(transaction, new OpenCommitments.Request(endpoint.peer().calledAe(), references));
    Duration wait = Duration.ofMillis(endpoint.getCalling().getReportTimeout());
    answered("N-ACTION", sender.requestCommitment(transaction, references, open, wait), exchange);
  }

  private void answered(String what, Reply reply, Exchange exchange) throws RequestFailed {
    if (!(reply instanceof Reply.Answered answer) || !answer.success()) {
      throw new RequestFailed(what, endpoint.peer().toString(), reply, exchange);
    }
    exchange.getMessage().setBody(reply);
  }
}
