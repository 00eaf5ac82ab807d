package io.howdah.dicom.camel;

import io.howdah.dicom.net.StoreTally;
import java.util.concurrent.atomic.LongAdder;

/** What went over an endpoint since it was made. Safe for use by many threads. */
final class Traffic {
  private final LongAdder associations = new LongAdder();
  private final LongAdder stored = new LongAdder();
  private final LongAdder notStored = new LongAdder();

  void sent(int associationsOpened, StoreTally tally) {
    associations.add(associationsOpened);
    stored.add(tally.stored());
    notStored.add(tally.notStored());
  }

  void received(boolean kept) {
    (kept ? stored : notStored).increment();
  }

  long associations() {
    return associations.sum();
  }

  long stored() {
    return stored.sum();
  }

  long notStored() {
    return notStored.sum();
  }
}
