package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.nio.ByteBuffer;
import java.time.Duration;
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

  private final Transport transport;
  private final PduReader pdus;
  private final MessageReader messages;
  private final MessageWriter writer;
  private final Deadlines deadlines;
  private final String calledAe;
  private final int window;
  private final Map<Integer, NegotiatedContext> contexts = new LinkedHashMap<>();
  private int lastMessageId;
  private AssociationEnd end;
  private volatile boolean givenUp;

  Association(
      PeerAddress peer,
      List<NegotiatedContext> contexts,
      int window,
      AssociationSettings settings,
      Transport transport,
      PduReader pdus,
      long peersMaxPdu)
      throws AssociationEnded {
    this.transport = transport;
    this.pdus = pdus;
    this.deadlines = settings.deadlines();
    this.calledAe = peer.calledAe();
    this.window = window;
    contexts.forEach(each -> this.contexts.put(each.proposed().id(), each));
    this.writer = new MessageWriter(transport, deadlines, peersMaxPdu, settings.sendPdu());
    pdus.established(settings.maxPdu());
    this.messages = new MessageReader(pdus, deadlines, this::isAccepted);
  }

  private boolean isAccepted(int contextId) {
    NegotiatedContext context = contexts.get(contextId);
    return context != null && context.accepted();
  }

  /**
   * Connects and negotiates.
   *
   * @param contexts 1 to 128 with different ids; see {@link ContextPlan}
   */
  public static Opening open(
      PeerAddress peer, List<PresentationContext> contexts, AssociationSettings settings) {
    return Negotiation.open(peer, contexts, settings);
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
    new Storing(this, transport, writer, deadlines, window).store(instances, listener);
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

  CommandSet next(Phase phase, Duration limit) throws AssociationEnded {
    CommandSet message = messages.next(phase, limit);
    if (message == null) {
      transport.write(PduEncoder.encode(new Pdu.ReleaseReply()), deadlines.write());
      throw new AssociationEnded(new AssociationEnd.Released());
    }
    return message;
  }

  /** Any context of this service when {@code transferSyntax} is null. */
  NegotiatedContext context(String abstractSyntax, String transferSyntax) {
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

  int nextMessageId() {
    lastMessageId = lastMessageId == 0xffff ? 1 : lastMessageId + 1;
    return lastMessageId;
  }

  /** The context the last message came in. */
  int contextId() {
    return messages.contextId();
  }

  /** Null while it lasts. */
  AssociationEnd end() {
    return end;
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

  void finish(AssociationEnd how) {
    if (end == null) {
      end = givenUp ? new AssociationEnd.GivenUp("aborted by this side") : how;
      Farewell.after(end, transport, deadlines);
      pdus.free();
      writer.free();
    }
  }

  static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
