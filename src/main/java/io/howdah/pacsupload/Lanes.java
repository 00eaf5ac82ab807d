package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadBatch.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps images of one accession number in order, across batches, while all others pass them: a slow
 * or poisonous image holds up nobody but its own accession. Safe for use by many threads.
 */
final class Lanes {
  private final Map<String, Lane> open = new HashMap<>();

  /** Puts a batch's images in line; the lanes that were not open before. */
  synchronized List<Lane> admit(UploadBatch batch) {
    List<Lane> opened = new ArrayList<>();
    for (Turn turn : batch.turns()) {
      String accession = turn.claim().image().accession();
      String key = accession.isEmpty() ? "uid " + turn.claim().uid() : accession;
      Lane lane = open.get(key);
      if (lane == null) {
        lane = new Lane(this, key);
        open.put(key, lane);
        opened.add(lane);
      }
      lane.waiting().add(turn);
    }
    return opened;
  }

  synchronized List<Turn> next(Lane lane) {
    Turn turn = lane.waiting().poll();
    return turn == null ? List.of() : List.of(turn);
  }

  synchronized boolean goesOn(Lane lane) {
    if (lane.waiting().isEmpty()) {
      open.remove(lane.key(), lane);
      return false;
    }
    return true;
  }

  /** Takes all that has not begun out of the lanes. */
  synchronized List<Turn> drain() {
    List<Turn> drained = new ArrayList<>();
    for (Lane lane : open.values()) {
      drained.addAll(lane.waiting());
      lane.waiting().clear();
    }
    return drained;
  }
}
