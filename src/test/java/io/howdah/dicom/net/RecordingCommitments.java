package io.howdah.dicom.net;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Commitment requests kept in memory. */
public final class RecordingCommitments implements OpenCommitments {
  final Map<String, Request> requests = new ConcurrentHashMap<>();
  final Map<String, List<Reference>> committed = new ConcurrentHashMap<>();
  final Map<String, List<Reference>> failed = new ConcurrentHashMap<>();

  RecordingCommitments asked(String transaction, String peerAe, List<Reference> references) {
    requests.put(transaction, new Request(peerAe, references));
    return this;
  }

  @Override
  public void remember(String transaction, Request request) {
    requests.put(transaction, request);
  }

  @Override
  public Optional<Request> find(String transaction) {
    return Optional.ofNullable(requests.get(transaction));
  }

  @Override
  public void settle(String transaction, List<Reference> good, List<Reference> bad) {
    committed.put(transaction, good);
    failed.put(transaction, bad);
  }

  /** What was committed under a transaction, empty until it was. */
  public List<Reference> committed(String transaction) {
    return committed.getOrDefault(transaction, List.of());
  }

  Map<String, List<Reference>> all() {
    Map<String, List<Reference>> all = new HashMap<>(committed);
    all.putAll(failed);
    return all;
  }
}
