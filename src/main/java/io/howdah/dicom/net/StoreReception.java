package io.howdah.dicom.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One C-STORE on its way to the sink: checked against its command by its first bytes, then passed
 * on as it comes, always read to its end, so that the peer gets a status whatever happens. For one
 * thread.
 */
final class StoreReception implements MessageReader.Destination {
  private static final Logger LOG = LoggerFactory.getLogger(StoreReception.class);

  private final StoreSink sink;
  private final AssociationInfo association;
  private final IncomingObject object;
  private final long limit;
  private final IdentityCheck check;
  private ByteArrayOutputStream start;
  private StoreSink.Incoming incoming;
  private int status = Status.SUCCESS;
  private long bytes;

  StoreReception(StoreSink sink, AssociationInfo association, IncomingObject object, long limit) {
    this.sink = sink;
    this.association = association;
    this.object = object;
    this.limit = limit;
    this.check =
        new IdentityCheck(object.sopClass(), object.sopInstance(), object.transferSyntax());
  }

  @Override
  public void write(ByteBuffer fragment) {
    bytes += fragment.remaining();
    if (status != Status.SUCCESS) {
      return;
    }
    if (bytes > limit) {
      refuse(Status.OUT_OF_RESOURCES);
      LOG.warn("object above {} bytes refused peer={}", limit, association.callingAe());
    } else if (incoming != null) {
      pass(fragment);
    } else {
      first(fragment, false);
    }
  }

  private void first(ByteBuffer fragment, boolean whole) {
    ByteBuffer known = fragment;
    if (start != null) {
      byte[] copy = new byte[fragment.remaining()];
      fragment.get(copy);
      start.writeBytes(copy);
      known = ByteBuffer.wrap(start.toByteArray());
    }
    switch (check.look(known, whole)) {
      case SAME -> {
        start = null;
        open();
        pass(known);
      }
      case OTHER -> refuse(Status.DATA_SET_MISMATCH);
      case NOT_UNDERSTOOD -> refuse(Status.CANNOT_UNDERSTAND);
      case MORE_NEEDED -> {
        if (start == null) {
          start = new ByteArrayOutputStream();
          byte[] copy = new byte[known.remaining()];
          known.get(copy);
          start.writeBytes(copy);
        }
      }
    }
  }

  private void open() {
    try {
      incoming = sink.open(association, object);
      incoming.write(Part10Header.of(object));
    } catch (StoreRefused e) {
      refuse(e.status());
    } catch (IOException e) {
      trouble(e);
    }
  }

  private void pass(ByteBuffer fragment) {
    if (incoming == null) {
      return;
    }
    try {
      incoming.write(fragment);
    } catch (StoreRefused e) {
      refuse(e.status());
    } catch (IOException e) {
      trouble(e);
    }
  }

  /** The data set has ended: makes it durable and gives the status for the answer. */
  int complete() {
    if (status == Status.SUCCESS && incoming == null) {
      first(ByteBuffer.allocate(0), true);
    }
    if (status != Status.SUCCESS) {
      return status;
    }
    boolean answered = false;
    try {
      int answer = incoming.complete();
      incoming = null;
      answered = true;
      return answer;
    } catch (StoreRefused e) {
      refuse(e.status());
      answered = true;
    } catch (IOException e) {
      trouble(e);
      answered = true;
    } finally {
      if (!answered) {
        discard();
      }
    }
    return status;
  }

  /** The data set will not come to its end; harmless after {@link #complete}. */
  void discard() {
    StoreSink.Incoming unfinished = incoming;
    incoming = null;
    if (unfinished != null) {
      unfinished.discard();
    }
  }

  private void trouble(IOException e) {
    LOG.warn(
        "object could not be kept peer={}: {}", association.callingAe(), e.getClass().getName());
    refuse(Status.OUT_OF_RESOURCES);
  }

  private void refuse(int why) {
    status = why;
    start = null;
    discard();
  }
}
