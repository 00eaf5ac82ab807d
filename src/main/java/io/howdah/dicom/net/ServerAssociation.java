package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from its acceptance to its close, on the thread that runs it: negotiation within
 * ARTIM, then requests answered one after the other, each within its deadlines.
 */
final class ServerAssociation implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerAssociation.class);

  private static final int DISK_PATIENCE = 10;

  private final AssociationServer server;
  private final ServerSettings settings;
  private final Offered offered;
  private final Transport transport;
  private final PduReader pdus;
  private final Map<Integer, Agreed> contexts = new HashMap<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private AssociationInfo info;
  private MessageReader messages;
  private MessageWriter writer;
  private Answers answers;

  private enum State {
    WAITING,
    WORKING,
    CLOSING
  }

  private record Agreed(String abstractSyntax, String transferSyntax) {}

  ServerAssociation(
      AssociationServer server, ServerSettings settings, Offered offered, Transport transport) {
    this.server = server;
    this.settings = settings;
    this.offered = offered;
    this.transport = transport;
    this.pdus = new PduReader(transport, settings.deadlines());
  }

  @Override
  public void run() {
    AssociationServer.Admission admission = null;
    try {
      if (settings.tls().isPresent()) {
        transport.secure(
            settings.tls().get(),
            transport.remote().getHostString(),
            false,
            settings.deadlines().artim());
      }
      Pdu.AssociateRequest request = request();
      RejectReason refusal = Door.refusal(request, transport.remote().getAddress(), settings);
      if (refusal == null) {
        admission = server.admit(request.callingAe(), transport.remote().getAddress());
        refusal = admission == null ? RejectReason.LOCAL_LIMIT : null;
      }
      if (refusal != null) {
        Farewell.say(transport, new Pdu.AssociateReject(refusal), settings.deadlines());
        return;
      }
      accept(request, admission);
      serve();
    } catch (AssociationEnded e) {
      end(e.end());
    } catch (RuntimeException | Error e) {
      // whatever went wrong here must not take other associations with it
      LOG.error("association failed", e);
      end(new AssociationEnd.GivenUp("internal error"));
    } finally {
      transport.close();
      pdus.free();
      if (writer != null) {
        answers.awaitAll();
        writer.free();
      }
      server.ended(this, admission);
    }
  }

  private void end(AssociationEnd how) {
    AssociationEnd end =
        state.get() == State.CLOSING ? new AssociationEnd.GivenUp("this side stops") : how;
    if (info == null && end instanceof AssociationEnd.Lost) {
      // whoever only looks whether the port is open is no news
      LOG.debug("connection from {}: {}", transport.remote().getHostString(), end);
    } else {
      LOG.info(
          "association ended peer={} address={}: {}",
          info == null ? "?" : info.callingAe(),
          transport.remote().getHostString(),
          end);
    }
    Farewell.after(end, transport, settings.deadlines());
  }

  private Pdu.AssociateRequest request() throws AssociationEnded {
    ByteBuffer body = pdus.next(Phase.ASSOCIATE, settings.deadlines().artim());
    if (pdus.type() == Pdu.ASSOCIATE_RQ) {
      return (Pdu.AssociateRequest) PduDecoder.decode(Pdu.ASSOCIATE_RQ, body);
    }
    if (pdus.type() == Pdu.ABORT) {
      throw new AssociationEnded(new AssociationEnd.Lost("A-ABORT before association"));
    }
    throw AssociationEnded.violated(
        AbortReason.UNEXPECTED_PDU, "PDU type " + pdus.type() + " before association");
  }

  private void accept(Pdu.AssociateRequest request, AssociationServer.Admission admission)
      throws AssociationEnded {
    info =
        new AssociationInfo(
            admission.number(),
            request.callingAe(),
            request.calledAe(),
            transport.remote().getAddress(),
            request.user().implementationVersion());
    List<ContextResult> results = new ArrayList<>();
    for (PresentationContext proposed : request.contexts()) {
      ContextResult result = offered.answer(proposed, settings.taken().unknownClasses());
      results.add(result);
      if (result.accepted()) {
        contexts.put(proposed.id(), new Agreed(proposed.abstractSyntax(), result.transferSyntax()));
      }
    }
    ServerSettings.Taken taken = settings.taken();
    UserInformation theirs = request.user();
    int invoked =
        theirs.invoked() == 0 ? taken.window() : Math.min(theirs.invoked(), taken.window());
    UserInformation ours =
        new UserInformation(
            taken.maxPdu(),
            Uids.HOWDAH_IMPLEMENTATION,
            Uids.HOWDAH_VERSION_NAME,
            theirs.windowNegotiated(),
            invoked,
            1,
            Door.roles(theirs.roles()));
    writer =
        new MessageWriter(transport, settings.deadlines(), theirs.maxPdu(), MessageWriter.BUFFER);
    answers =
        new Answers(
            writer, transport, server.completions(), theirs.windowNegotiated() ? invoked : 1);
    transport.write(
        PduEncoder.encode(
            new Pdu.AssociateAccept(
                1,
                request.calledAe(),
                request.callingAe(),
                Uids.DICOMApplicationContext,
                results,
                ours)),
        settings.deadlines().write());
    pdus.established(taken.maxPdu());
    pdus.beforeWaiting(answers::flush);
    messages = new MessageReader(pdus, settings.deadlines(), contexts::containsKey);
    LOG.debug("association accepted peer={} number={}", info.callingAe(), info.number());
  }

  private void serve() throws AssociationEnded {
    while (true) {
      if (!state.compareAndSet(State.WORKING, State.WAITING) && state.get() == State.CLOSING) {
        answers.awaitAll();
        answers.flush();
        throw new AssociationEnded(new AssociationEnd.GivenUp("this side stops"));
      }
      Duration idle = settings.deadlines().idle();
      // a peer whose window is full waits for our disk: its silence is not its fault
      CommandSet request =
          messages.next(
              Phase.IDLE, answers.outstanding() ? idle.multipliedBy(DISK_PATIENCE) : idle);
      if (request == null) {
        answers.awaitAll();
        answers.flush();
        Farewell.say(transport, new Pdu.ReleaseReply(), settings.deadlines());
        return;
      }
      state.compareAndSet(State.WAITING, State.WORKING);
      answer(request);
    }
  }

  private void answer(CommandSet request) throws AssociationEnded {
    int id = messages.contextId();
    Agreed context = contexts.get(id);
    if ((request.field() & CommandField.RESPONSE) != 0) {
      throw AssociationEnded.violated(
          AbortReason.INVALID_PARAMETER, "answer to nothing that was asked");
    }
    if (request.field() == CommandField.C_CANCEL) {
      return;
    }
    if (request.us(CommandSet.MESSAGE_ID) < 0) {
      throw AssociationEnded.violated(AbortReason.INVALID_PARAMETER, "request without message id");
    }
    CommandSet answer =
        switch (request.field()) {
          case CommandField.C_ECHO -> echo(request, context);
          case CommandField.C_STORE -> store(request, context, id);
          case CommandField.N_CREATE, CommandField.N_SET -> step(request, context);
          case CommandField.N_EVENT_REPORT -> report(request, context);
          default -> {
            drop(request);
            yield CommandSet.answer(request, Status.UNRECOGNIZED_OPERATION);
          }
        };
    if (answer != null) {
      answers.add(id, answer);
    }
  }

  private void drop(CommandSet request) throws AssociationEnded {
    if (request.hasDataSet()) {
      read(bytes -> {});
    }
  }

  private void read(MessageReader.Destination destination) throws AssociationEnded {
    try {
      messages.readDataSet(destination);
    } catch (AssociationEnded e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CommandSet echo(CommandSet request, Agreed context) throws AssociationEnded {
    drop(request);
    return CommandSet.answer(
        request,
        context.abstractSyntax().equals(Uids.Verification)
            ? Status.SUCCESS
            : Status.SOP_CLASS_NOT_SUPPORTED);
  }

  /** Null when the answer comes later. */
  private CommandSet store(CommandSet request, Agreed context, int contextId)
      throws AssociationEnded {
    String sopClass = request.uid(CommandSet.AFFECTED_SOP_CLASS);
    String sopInstance = request.uid(CommandSet.AFFECTED_SOP_INSTANCE);
    int status = Status.SUCCESS;
    if (Services.isOther(context.abstractSyntax()) || !sopClass.equals(context.abstractSyntax())) {
      status = Status.SOP_CLASS_NOT_SUPPORTED;
    } else if (!Uids.isSafe(sopInstance)) {
      status = Status.INVALID_INSTANCE;
    } else if (!request.hasDataSet()) {
      status = Status.CANNOT_UNDERSTAND;
    }
    if (status != Status.SUCCESS) {
      drop(request);
      return CommandSet.answer(request, status);
    }
    StoreSink sink = offered.store().orElseThrow();
    StoreReception reception =
        receive(sink, new IncomingObject(sopClass, sopInstance, context.transferSyntax()));
    if (answers.mayOverlap() && !sink.completesAtOnce()) {
      answers.later(contextId, request, reception);
      return null;
    }
    return CommandSet.answer(request, reception.complete());
  }

  private StoreReception receive(StoreSink sink, IncomingObject object) throws AssociationEnded {
    StoreReception reception =
        new StoreReception(sink, info, object, settings.taken().maxObjectBytes());
    boolean whole = false;
    try {
      read(reception);
      whole = true;
      return reception;
    } finally {
      if (!whole) {
        reception.discard();
      }
    }
  }

  private CommandSet step(CommandSet request, Agreed context) throws AssociationEnded {
    boolean create = request.field() == CommandField.N_CREATE;
    String instance =
        request.uid(create ? CommandSet.AFFECTED_SOP_INSTANCE : CommandSet.REQUESTED_SOP_INSTANCE);
    String named =
        request.uid(create ? CommandSet.AFFECTED_SOP_CLASS : CommandSet.REQUESTED_SOP_CLASS);
    if (!named.equals(Uids.ModalityPerformedProcedureStep)
        || !context.abstractSyntax().equals(named)) {
      drop(request);
      return CommandSet.answer(request, Status.SOP_CLASS_NOT_SUPPORTED);
    }
    if (!Uids.isSafe(instance) || !request.hasDataSet()) {
      drop(request);
      return CommandSet.answer(
          request, request.hasDataSet() ? Status.INVALID_INSTANCE : Status.MISTYPED_ARGUMENT);
    }
    SmallReception dataSet = new SmallReception(ProcedureSteps.MAX_BYTES);
    read(dataSet);
    if (dataSet.tooLong()) {
      return CommandSet.answer(request, Status.RESOURCE_LIMITATION);
    }
    ProcedureSteps steps = offered.procedureSteps().orElseThrow();
    try {
      return CommandSet.answer(
          request,
          create
              ? steps.create(info, instance, context.transferSyntax(), dataSet.bytes())
              : steps.set(info, instance, context.transferSyntax(), dataSet.bytes()));
    } catch (IOException e) {
      LOG.warn("procedure step could not be kept: {}", e.getClass().getName());
      return CommandSet.answer(request, Status.PROCESSING_FAILURE);
    }
  }

  private CommandSet report(CommandSet request, Agreed context) throws AssociationEnded {
    int status;
    if (!context.abstractSyntax().equals(Uids.StorageCommitmentPushModel)) {
      drop(request);
      status = Status.SOP_CLASS_NOT_SUPPORTED;
    } else if (!request.hasDataSet()) {
      status = Status.MISTYPED_ARGUMENT;
    } else {
      SmallReception dataSet = new SmallReception(SmallDataSet.MAX_BYTES);
      read(dataSet);
      status =
          dataSet.tooLong()
              ? Status.RESOURCE_LIMITATION
              : CommitmentReport.take(
                  request,
                  ByteBuffer.wrap(dataSet.bytes()),
                  info.callingAe(),
                  offered.commitments().orElseThrow());
    }
    if (status != Status.SUCCESS) {
      LOG.warn(
          "commitment report refused peer={} address={} status={}",
          info.callingAe(),
          info.address().getHostAddress(),
          String.format("%04X", status));
    }
    CommandSet answer = CommandSet.answer(request, status);
    int type = request.us(CommandSet.EVENT_TYPE);
    return type < 0 ? answer : answer.us(CommandSet.EVENT_TYPE, type);
  }

  /** Ends it soon: at once when it waits for the peer, else after the request in work. */
  void stop() {
    if (state.getAndSet(State.CLOSING) == State.WAITING) {
      transport.wake();
    }
  }

  /** Ends it now. */
  void cut() {
    transport.close();
  }
}
