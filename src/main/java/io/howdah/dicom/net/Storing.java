package io.howdah.dicom.net;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * C-STORE of many instances on one association, as many of them unanswered as the window allows
 * (PS3.7 §9.1.1, §D.3.3.3). For one call of {@link #store} on the association's thread.
 */
final class Storing {
  private static final Duration LAST_LOOK = Duration.ofMillis(200);

  private final Association association;
  private final Transport transport;
  private final MessageWriter writer;
  private final Deadlines deadlines;
  private final int window;
  private final Map<Integer, Pending> pending = new LinkedHashMap<>();

  private record Pending(Instance instance, int contextId) {}

  Storing(
      Association association,
      Transport transport,
      MessageWriter writer,
      Deadlines deadlines,
      int window) {
    this.association = association;
    this.transport = transport;
    this.writer = writer;
    this.deadlines = deadlines;
    this.window = window;
  }

  /** {@link Association#store(Iterable, StoreListener)}. */
  void store(Iterable<Instance> instances, StoreListener listener) {
    boolean done = false;
    try {
      for (Instance instance : instances) {
        if (association.isOpen()) {
          storeNext(instance, listener);
        } else {
          listener.outcome(instance, new StoreOutcome.NotSent(association.end()));
        }
      }
      awaitAnswers(listener);
      done = true;
    } finally {
      if (!done) {
        association.finish(new AssociationEnd.GivenUp("the caller failed"));
      }
    }
  }

  private void storeNext(Instance instance, StoreListener listener) {
    NegotiatedContext context = association.context(instance.sopClass(), instance.transferSyntax());
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
        listener.outcome(instance, new StoreOutcome.Unanswered(association.end()));
      } else {
        listener.outcome(instance, new StoreOutcome.NotSent(association.end()));
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
    CommandSet answer = association.next(Phase.RESPONSE, limit);
    if (answer.field() != (CommandField.C_STORE | CommandField.RESPONSE) || answer.hasDataSet()) {
      throw Association.invalid("message other than C-STORE-RSP");
    }
    int messageId = answer.us(CommandSet.MESSAGE_ID_RESPONDED_TO);
    Pending asked = pending.get(messageId);
    String sopInstance = answer.uid(CommandSet.AFFECTED_SOP_INSTANCE);
    if (asked == null) {
      throw Association.invalid("C-STORE-RSP to no open request");
    }
    if (asked.contextId() != association.contextId()) {
      throw Association.invalid("C-STORE-RSP in another context");
    }
    if (!sopInstance.isEmpty() && !sopInstance.equals(asked.instance().sopInstance())) {
      throw Association.invalid("C-STORE-RSP for another instance");
    }
    if (answer.status() < 0) {
      throw Association.invalid("C-STORE-RSP without status");
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
    association.finish(why);
  }

  private void tellPending(StoreListener listener) {
    List<Pending> left = new ArrayList<>(pending.values());
    pending.clear();
    for (Pending each : left) {
      listener.outcome(each.instance(), new StoreOutcome.Unanswered(association.end()));
    }
  }

  private int nextMessageId() {
    int id = association.nextMessageId();
    while (pending.containsKey(id)) {
      id = association.nextMessageId();
    }
    return id;
  }
}
