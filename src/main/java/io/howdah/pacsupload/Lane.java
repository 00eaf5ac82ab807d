package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadBatch.Turn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The claimed images of one accession number in their order, of which one is worked on at a time;
 * images claimed later stand in line behind them. Safe for use by many threads.
 */
public final class Lane {
  private final Lanes lanes;
  private final String key;
  private final Deque<Turn> waiting = new ArrayDeque<>();

  Lane(Lanes lanes, String key) {
    this.lanes = lanes;
    this.key = key;
  }

  String key() {
    return key;
  }

  /** Only {@link Lanes} touches it, and under its lock. */
  Deque<Turn> waiting() {
    return waiting;
  }

  /** The image whose turn it is; none when the gateway stops. */
  public List<Turn> next() {
    return lanes.next(this);
  }

  /** True when more images of this accession wait; when not, the lane is closed for good. */
  public boolean goesOn() {
    return lanes.goesOn(this);
  }
}
