package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An association we asked for, to use a peer's services: C-ECHO, C-STORE, C-FIND, storage
 * commitment. Whatever the peer does, each call ends by its deadlines with a value that says what
 * is certain. For one thread; {@link #abort} may come from any.
 */
public final class Association implements AutoCloseable {
  /** The most matches one query may answer with. */
  public static final int MAX_MATCHES = 10_000;

  private static final int MAX_IDENTIFIER = 64 * 1024;
  private static final int MAX_LATE = 16;
  private static final Duration LAST_LOOK = Duration.ofMillis(200);

  private final Transport transport;
  private final PduReader pdus;
  private final MessageReader messages;
  private final MessageWriter writer;
  private final Deadlines deadlines;
  private final String calledAe;
  private final int window;
  private final Map<Integer, NegotiatedContext> contexts = new LinkedHashMap<>();
  private final Map<Integer, Pending> pending = new LinkedHashMap<>();
  private int lastMessageId;
  private AssociationEnd end;
  private volatile boolean givenUp;

  private record Pending(Instance instance, int contextId) {}

  private Association(
      PeerAddress peer,
      List<PresentationContext> proposed,
      AssociationSettings settings,
      Transport transport,
      PduReader pdus,
      Pdu.AssociateAccept accept)
      throws AssociationEnded {
    this.transport = transport;
    this.pdus = pdus;
    this.deadlines = settings.deadlines();
    this.calledAe = peer.calledAe();
    Map<Integer, ContextResult> results = new HashMap<>();
    for (ContextResult result : accept.contexts()) {
      if (results.put(result.id(), result) != null) {
        throw invalid("presentation context answered twice");
      }
    }
    for (PresentationContext each : proposed) {
      contexts.put(each.id(), negotiated(each, results.remove(each.id())));
    }
    if (!results.isEmpty()) {
      throw invalid("presentation context that was not proposed");
    }
    this.window = granted(settings.window(), accept.user());
    this.writer =
        new MessageWriter(transport, deadlines, accept.user().maxPdu(), settings.sendPdu());
    pdus.established(settings.maxPdu());
    this.messages =
        new MessageReader(
            pdus, deadlines, id -> contexts.containsKey(id) && contexts.get(id).accepted());
  }

  private static NegotiatedContext negotiated(PresentationContext proposed, ContextResult result)
      throws AssociationEnded {
    if (result == null) {
      return new NegotiatedContext(proposed, -1, "");
    }
    if (!result.accepted()) {
      return new NegotiatedContext(proposed, result.result(), "");
    }
    if (!proposed.transferSyntaxes().contains(result.transferSyntax())) {
      throw invalid("transfer syntax that was not proposed");
    }
    return new NegotiatedContext(proposed, result.result(), result.transferSyntax());
  }

  private static int granted(int asked, UserInformation peer) {
    if (asked == 1 || !peer.windowNegotiated()) {
      return 1;
    }
    return peer.invoked() == 0 ? asked : Math.min(asked, peer.invoked());
  }

  /**
   * Connects and negotiates.
   *
   * @param contexts 1 to 128 with different ids; see {@link ContextPlan}
   */
  public static Opening open(
      PeerAddress peer, List<PresentationContext> contexts, AssociationSettings settings) {
    if (contexts.isEmpty() || contexts.size() > PresentationContext.MAX) {
      throw new IllegalArgumentException(
          "an association proposes 1 to 128 contexts, not " + contexts.size());
    }
    Transport transport;
    try {
      transport =
          Transport.connect(
              new InetSocketAddress(peer.host(), peer.port()), settings.deadlines().connect());
    } catch (AssociationEnded e) {
      return new Opening.Failed(e.end());
    }
    PduReader pdus = new PduReader(transport, settings.deadlines());
    try {
      if (peer.tls().isPresent()) {
        transport.secure(peer.tls().get(), peer.host(), true, settings.deadlines().connect());
      }
      return negotiate(peer, contexts, settings, transport, pdus);
    } catch (AssociationEnded e) {
      pdus.free();
      Farewell.after(e.end(), transport, settings.deadlines());
      return new Opening.Failed(e.end());
    }
  }

  private static Opening negotiate(
      PeerAddress peer,
      List<PresentationContext> contexts,
      AssociationSettings settings,
      Transport transport,
      PduReader pdus)
      throws AssociationEnded {
    Deadlines deadlines = settings.deadlines();
    UserInformation ours =
        new UserInformation(
            settings.maxPdu(),
            Uids.HOWDAH_IMPLEMENTATION,
            Uids.HOWDAH_VERSION_NAME,
            settings.window() > 1,
            settings.window(),
            1,
            List.of());
    transport.write(
        PduEncoder.encode(
            new Pdu.AssociateRequest(
                1,
                peer.calledAe(),
                peer.callingAe(),
                Uids.DICOMApplicationContext,
                contexts,
                ours)),
        deadlines.write());
    ByteBuffer body = pdus.next(Phase.ASSOCIATE, deadlines.associate());
    Pdu answer = PduDecoder.decode(pdus.type(), body);
    if (answer instanceof Pdu.AssociateAccept accept) {
      return new Opening.Opened(new Association(peer, contexts, settings, transport, pdus, accept));
    }
    if (answer instanceof Pdu.AssociateReject reject) {
      throw new AssociationEnded(new AssociationEnd.Rejected(reject.reason()));
    }
    if (answer instanceof Pdu.Abort abort) {
      throw new AssociationEnded(new AssociationEnd.PeerAborted(abort.source(), abort.reason()));
    }
    throw AssociationEnded.violated(
        AbortReason.UNEXPECTED_PDU, "PDU type " + pdus.type() + " as answer to A-ASSOCIATE-RQ");
  }

  /** Every proposal with its answer, in the order proposed. */
  public List<NegotiatedContext> contexts() {
    return List.copyOf(contexts.values());
  }

  /** How many requests may be unanswered at once: what was asked for and granted. */
  public int window() {
    return window;
  }

  /** True until the association has ended, as far as is known. */
  public boolean isOpen() {
    return end == null;
  }

  /**
   * Stores one instance and waits for the answer.
   *
   * @return the outcome; never throws for what the peer does
   */
  public StoreOutcome store(Instance instance) {
    StoreOutcome[] outcome = new StoreOutcome[1];
    store(List.of(instance), (each, result) -> outcome[0] = result);
    return outcome[0];
  }

  /**
   * Stores instances in the order given, with as many unanswered as the window allows; while the
   * peer thinks, the next one is already being read. When the association ends early every
   * remaining instance is told so.
   *
   * @throws RuntimeException only from {@code listener}; the association is then aborted
   */
  public void store(Iterable<Instance> instances, StoreListener listener) {
    boolean done = false;
    try {
      for (Instance instance : instances) {
        if (end == null) {
          storeNext(instance, listener);
        } else {
          listener.outcome(instance, new StoreOutcome.NotSent(end));
        }
      }
      awaitAnswers(listener);
      done = true;
    } finally {
      if (!done) {
        finish(new AssociationEnd.GivenUp("the caller failed"));
      }
    }
  }

  private void storeNext(Instance instance, StoreListener listener) {
    NegotiatedContext context = context(instance.sopClass(), instance.transferSyntax());
    if (context == null || !context.accepted()) {
      listener.outcome(
          instance,
          new StoreOutcome.ContextNotAccepted(
              instance.sopClass(),
              instance.transferSyntax(),
              context == null ? -1 : context.result()));
      return;
    }
    try (FileChannel file = FileChannel.open(instance.file(), StandardOpenOption.READ)) {
      long length = file.size() - instance.dataSetOffset();
      if (length <= 0) {
        listener.outcome(instance, new StoreOutcome.Unreadable("the file holds no data set"));
        return;
      }
      send(instance, context, file, length, listener);
    } catch (IOException e) {
      // nothing has left: once it has, failures are dealt with where they happen
      listener.outcome(
          instance, new StoreOutcome.Unreadable(e.getClass().getSimpleName() + ": cannot be read"));
    }
  }

  private void send(
      Instance instance,
      NegotiatedContext context,
      FileChannel file,
      long length,
      StoreListener listener) {
    int id = context.proposed().id();
    int messageId = nextMessageId();
    boolean[] begun = new boolean[1];
    try {
      writer.command(id, storeRequest(instance, messageId));
      writer.dataSet(
          id,
          file,
          instance.dataSetOffset(),
          length,
          Services.isDeflated(context.transferSyntax()),
          () -> {
            while (pending.size() >= window || transport.readable()) {
              takeAnswer(deadlines.response(), listener);
            }
            if (!begun[0]) {
              begun[0] = true;
              listener.sending(instance);
            }
          });
      pending.put(messageId, new Pending(instance, id));
      writer.flush();
    } catch (AssociationEnded e) {
      broken(e.end(), listener);
      if (pending.remove(messageId) != null || begun[0]) {
        listener.outcome(instance, new StoreOutcome.Unanswered(end));
      } else {
        listener.outcome(instance, new StoreOutcome.NotSent(end));
      }
      tellPending(listener);
    } catch (IOException e) {
      // the peer waits for bytes that will not come: only an abort can end this message
      listener.outcome(
          instance, new StoreOutcome.Unreadable(e.getClass().getSimpleName() + ": cut short"));
      broken(new AssociationEnd.GivenUp("a file could not be read to its end"), listener);
      tellPending(listener);
    }
  }

  private static CommandSet storeRequest(Instance instance, int messageId) {
    return CommandSet.of(CommandField.C_STORE)
        .withDataSet()
        .us(CommandSet.MESSAGE_ID, messageId)
        .us(CommandSet.PRIORITY, 0)
        .uid(CommandSet.AFFECTED_SOP_CLASS, instance.sopClass())
        .uid(CommandSet.AFFECTED_SOP_INSTANCE, instance.sopInstance());
  }

  private void awaitAnswers(StoreListener listener) {
    try {
      while (!pending.isEmpty()) {
        takeAnswer(deadlines.response(), listener);
      }
    } catch (AssociationEnded e) {
      broken(e.end(), listener);
      tellPending(listener);
    }
  }

  /** Reads one message, which has to be the answer to a C-STORE that was sent whole. */
  private void takeAnswer(Duration limit, StoreListener listener) throws AssociationEnded {
    CommandSet answer = next(Phase.RESPONSE, limit);
    if (answer.field() != (CommandField.C_STORE | CommandField.RESPONSE) || answer.hasDataSet()) {
      throw invalid("message other than C-STORE-RSP");
    }
    int messageId = answer.us(CommandSet.MESSAGE_ID_RESPONDED_TO);
    Pending asked = pending.get(messageId);
    String sopInstance = answer.uid(CommandSet.AFFECTED_SOP_INSTANCE);
    if (asked == null) {
      throw invalid("C-STORE-RSP to no open request");
    }
    if (asked.contextId() != messages.contextId()) {
      throw invalid("C-STORE-RSP in another context");
    }
    if (!sopInstance.isEmpty() && !sopInstance.equals(asked.instance().sopInstance())) {
      throw invalid("C-STORE-RSP for another instance");
    }
    if (answer.status() < 0) {
      throw invalid("C-STORE-RSP without status");
    }
    pending.remove(messageId);
    listener.outcome(asked.instance(), outcome(answer));
  }

  private static StoreOutcome outcome(CommandSet answer) {
    int status = answer.status();
    if (status == Status.SUCCESS) {
      return new StoreOutcome.Stored();
    }
    return Status.isWarning(status)
        ? new StoreOutcome.StoredWithWarning(status)
        : new StoreOutcome.Refused(status, answer.uid(CommandSet.ERROR_COMMENT));
  }

  /** A connection that broke while we wrote may still hold answers, or the reason. */
  private void broken(AssociationEnd how, StoreListener listener) {
    AssociationEnd why = how;
    if (how instanceof AssociationEnd.Lost) {
      try {
        while (true) {
          takeAnswer(LAST_LOOK, listener);
        }
      } catch (AssociationEnded e) {
        if (e.end() instanceof AssociationEnd.PeerAborted) {
          why = e.end();
        }
      }
    }
    finish(why);
  }

  private void tellPending(StoreListener listener) {
    List<Pending> left = new ArrayList<>(pending.values());
    pending.clear();
    for (Pending each : left) {
      listener.outcome(each.instance(), new StoreOutcome.Unanswered(end));
    }
  }

  /** Asks the peer whether it is there (C-ECHO). */
  public Reply echo() {
    return request(
        Uids.Verification,
        CommandSet.of(CommandField.C_ECHO).uid(CommandSet.AFFECTED_SOP_CLASS, Uids.Verification),
        null);
  }

  /**
   * Asks the peer to take responsibility for instances it has (N-ACTION, PS3.4 §J.3.2); the report
   * comes later, here ({@link #awaitReport}) or on an association of the peer's own.
   *
   * @param transaction UID that the report will carry
   */
  public Reply requestCommitment(String transaction, List<Reference> references) {
    return request(
        Uids.StorageCommitmentPushModel,
        CommandSet.of(CommandField.N_ACTION)
            .us(CommandSet.ACTION_TYPE, 1)
            .uid(CommandSet.REQUESTED_SOP_CLASS, Uids.StorageCommitmentPushModel)
            .uid(CommandSet.REQUESTED_SOP_INSTANCE, Uids.StorageCommitmentPushModelInstance),
        new SmallDataSet()
            .uid(SmallDataSet.TRANSACTION, transaction)
            .references(SmallDataSet.REFERENCED, references));
  }

  private Reply request(String service, CommandSet command, SmallDataSet dataSet) {
    NegotiatedContext context = context(service, null);
    if (end != null) {
      return new Reply.Ended(end);
    }
    if (context == null) {
      return new Reply.NotAccepted();
    }
    try {
      int messageId = ask(context, command, dataSet);
      CommandSet answer = next(Phase.RESPONSE, deadlines.response());
      checkAnswer(answer, command, messageId, context);
      if (answer.hasDataSet()) {
        messages.readSmall(SmallDataSet.MAX_BYTES);
      }
      return new Reply.Answered(answer.status());
    } catch (AssociationEnded e) {
      finish(e.end());
      return new Reply.Ended(end);
    }
  }

  private int ask(NegotiatedContext context, CommandSet command, SmallDataSet dataSet)
      throws AssociationEnded {
    int messageId = nextMessageId();
    command.us(CommandSet.MESSAGE_ID, messageId);
    int id = context.proposed().id();
    if (dataSet == null) {
      writer.command(id, command);
    } else {
      writer.command(id, command.withDataSet());
      writer.dataSet(id, dataSet.encode());
    }
    writer.flush();
    return messageId;
  }

  private void checkAnswer(
      CommandSet answer, CommandSet request, int messageId, NegotiatedContext context)
      throws AssociationEnded {
    if (answer.field() != (request.field() | CommandField.RESPONSE)
        || answer.us(CommandSet.MESSAGE_ID_RESPONDED_TO) != messageId
        || messages.contextId() != context.proposed().id()
        || answer.status() < 0) {
      throw invalid("answer to another request");
    }
  }

  /**
   * Which of these instances the peer has (C-FIND, Study Root, level IMAGE). Study and series may
   * be empty for peers that do without (PS3.4 §C.4.1.3.2).
   */
  public Found find(String study, String series, Set<String> sopInstances) {
    NegotiatedContext context = context(Uids.StudyRootQueryRetrieveInformationModelFind, null);
    Set<String> found = new HashSet<>();
    if (end != null) {
      return new Found(new Reply.Ended(end), found);
    }
    if (context == null) {
      return new Found(new Reply.NotAccepted(), found);
    }
    CommandSet command =
        CommandSet.of(CommandField.C_FIND)
            .us(CommandSet.PRIORITY, 0)
            .uid(CommandSet.AFFECTED_SOP_CLASS, Uids.StudyRootQueryRetrieveInformationModelFind);
    SmallDataSet keys =
        new SmallDataSet()
            .text(SmallDataSet.QUERY_LEVEL, "IMAGE", ' ')
            .uid(SmallDataSet.STUDY, study)
            .uid(SmallDataSet.SERIES, series)
            .uid(SmallDataSet.SOP_INSTANCE, String.join("\\", sopInstances));
    try {
      int messageId = ask(context, command, keys);
      for (int matches = 0; matches <= MAX_MATCHES; matches++) {
        CommandSet answer = next(Phase.RESPONSE, deadlines.response());
        checkAnswer(answer, command, messageId, context);
        String instance = answer.hasDataSet() ? match(messages.readSmall(MAX_IDENTIFIER)) : "";
        if (!Status.isPending(answer.status())) {
          return new Found(new Reply.Answered(answer.status()), found);
        }
        if (sopInstances.contains(instance)) {
          found.add(instance);
        }
      }
      throw invalid("more than " + MAX_MATCHES + " matches");
    } catch (AssociationEnded e) {
      finish(e.end());
      return new Found(new Reply.Ended(end), found);
    }
  }

  private static String match(ByteBuffer identifier) throws AssociationEnded {
    try {
      return SmallDataSet.decode(identifier).text(SmallDataSet.SOP_INSTANCE);
    } catch (ElementCursor.Malformed e) {
      throw invalid("identifier");
    }
  }

  /**
   * Waits for a commitment report on this association and answers it.
   *
   * @return false when none came within {@code limit}, which ends the association
   */
  public boolean awaitReport(OpenCommitments open, Duration limit) {
    if (end != null) {
      return false;
    }
    try {
      CommandSet report = next(Phase.IDLE, limit);
      if (report.field() != CommandField.N_EVENT_REPORT
          || !report.hasDataSet()
          || report.us(CommandSet.MESSAGE_ID) < 0) {
        throw invalid("message other than N-EVENT-REPORT-RQ");
      }
      int id = messages.contextId();
      ByteBuffer dataSet = messages.readSmall(SmallDataSet.MAX_BYTES);
      int status = CommitmentReport.take(report, dataSet, calledAe, open);
      writer.command(
          id,
          CommandSet.answer(report, status)
              .us(CommandSet.EVENT_TYPE, Math.max(0, report.us(CommandSet.EVENT_TYPE))));
      writer.flush();
      return status == Status.SUCCESS;
    } catch (AssociationEnded e) {
      finish(e.end());
      return false;
    }
  }

  private CommandSet next(Phase phase, Duration limit) throws AssociationEnded {
    CommandSet message = messages.next(phase, limit);
    if (message == null) {
      transport.write(PduEncoder.encode(new Pdu.ReleaseReply()), deadlines.write());
      throw new AssociationEnded(new AssociationEnd.Released());
    }
    return message;
  }

  /** Any context of this service when {@code transferSyntax} is null. */
  private NegotiatedContext context(String abstractSyntax, String transferSyntax) {
    NegotiatedContext refused = null;
    for (NegotiatedContext each : contexts.values()) {
      if (!each.proposed().abstractSyntax().equals(abstractSyntax)) {
        continue;
      }
      if (each.accepted()
          && (transferSyntax == null || each.transferSyntax().equals(transferSyntax))) {
        return each;
      }
      if (transferSyntax != null
          && !each.accepted()
          && each.proposed().transferSyntaxes().contains(transferSyntax)) {
        refused = each;
      }
    }
    return refused;
  }

  private int nextMessageId() {
    do {
      lastMessageId = lastMessageId == 0xffff ? 1 : lastMessageId + 1;
    } while (pending.containsKey(lastMessageId));
    return lastMessageId;
  }

  /**
   * Ends the association in agreement (A-RELEASE); does nothing when it has ended.
   *
   * @return how it ended; anything but {@link AssociationEnd.Released} changes no outcome told
   *     before
   */
  public AssociationEnd release() {
    if (end != null) {
      return end;
    }
    try {
      transport.write(PduEncoder.encode(new Pdu.ReleaseRequest()), deadlines.write());
      for (int late = 0; late <= MAX_LATE; late++) {
        CommandSet message = messages.next(Phase.RELEASE, deadlines.release());
        if (message == null) {
          // both asked at once: the requestor answers first (PS3.8 §9.2, AR-8, AR-9)
          transport.write(PduEncoder.encode(new Pdu.ReleaseReply()), deadlines.write());
        } else if (message.hasDataSet()) {
          messages.readSmall(SmallDataSet.MAX_BYTES);
        }
      }
      throw invalid("messages instead of A-RELEASE-RP");
    } catch (AssociationEnded e) {
      finish(e.end());
    }
    return end;
  }

  /** Cuts the connection; calls in progress end with {@link AssociationEnd.GivenUp}. */
  public void abort() {
    givenUp = true;
    transport.cut();
  }

  /** Releases. */
  @Override
  public void close() {
    release();
  }

  private void finish(AssociationEnd how) {
    if (end == null) {
      end = givenUp ? new AssociationEnd.GivenUp("aborted by this side") : how;
      Farewell.after(end, transport, deadlines);
      pdus.free();
      writer.free();
    }
  }

  private static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
