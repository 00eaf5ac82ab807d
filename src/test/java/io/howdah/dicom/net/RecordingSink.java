package io.howdah.dicom.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps objects in memory and tells what was asked of it, in order. */
final class RecordingSink implements StoreSink {
  final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile StoreRefused refuseOpen;
  volatile IOException failWrite;
  volatile StoreRefused refuseComplete;
  volatile int status = Status.SUCCESS;

  @Override
  public Incoming open(AssociationInfo association, IncomingObject object) throws StoreRefused {
    if (refuseOpen != null) {
      throw refuseOpen;
    }
    calls.add("open");
    return new Incoming() {
      private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

      @Override
      public void write(ByteBuffer more) throws IOException {
        if (failWrite != null) {
          throw failWrite;
        }
        byte[] copy = new byte[more.remaining()];
        more.get(copy);
        bytes.writeBytes(copy);
      }

      @Override
      public int complete() throws StoreRefused {
        if (refuseComplete != null) {
          throw refuseComplete;
        }
        objects.put(object.sopInstance(), bytes.toByteArray());
        calls.add("complete");
        return status;
      }

      @Override
      public void discard() {
        calls.add("discard");
      }
    };
  }
}
