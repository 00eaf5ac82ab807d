package io.howdah.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Batches and destinations over HTTP, for operators; shows no patient's data. */
public final class BatchApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE_SIZE = 50;
  private static final int LAST_PAGE = 1_000_000;
  private static final int INSTANCES = 1_000;

  private final BatchDesk desk;

  public BatchApi(BatchDesk desk) {
    this.desk = desk;
  }

  /** {@code GET /batches?status=&destination=&study=&page=}: newest first, with the figures. */
  public Answer list(String status, String destination, String study, String page) {
    Optional<BatchStatus> only = given(status).flatMap(BatchStatus::of);
    if (given(status).isPresent() && only.isEmpty()) {
      return Answer.problem(
          422,
          "BAD_STATUS",
          "status must be one of "
              + Arrays.stream(BatchStatus.values())
                  .map(Enum::name)
                  .collect(Collectors.joining(", ")));
    }
    String number = given(page).orElse("1");
    if (!number.matches("[1-9]\\d{0,6}") || Integer.parseInt(number) > LAST_PAGE) {
      return Answer.problem(422, "BAD_PAGE", "page must be a whole number from 1 to " + LAST_PAGE);
    }
    BatchDesk.Page found =
        desk.page(
            new BatchDesk.Filter(only, given(destination), given(study)),
            Integer.parseInt(number),
            PAGE_SIZE);
    ObjectNode body =
        JSON.createObjectNode()
            .put("count", found.count())
            .put("page", Integer.parseInt(number))
            .put("page_size", PAGE_SIZE);
    body.set("destinations", figures(desk.destinations()));
    ArrayNode results = body.putArray("results");
    found.batches().forEach(batch -> results.add(json(batch)));
    return Answer.json(200, body);
  }

  private static Optional<String> given(String parameter) {
    return Optional.ofNullable(parameter).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** {@code GET /batches/{id}}: with its instances, those not confirmed first. */
  public Answer show(String id) {
    return found(id)
        .map(
            batch -> {
              ObjectNode body = json(batch);
              ArrayNode list = body.putArray("instances");
              for (BatchInstance instance : desk.instances(batch.id(), INSTANCES)) {
                list.addObject()
                    .put("sop_instance_uid", instance.sopInstanceUid())
                    .put("study_id", instance.studyId())
                    .put("status", instance.status())
                    .put("peer_status", instance.peerStatus())
                    .put("detail", instance.detail())
                    .put("requests", instance.requests())
                    .put("updated_at", instance.updatedAt().toString());
              }
              return Answer.json(200, body);
            })
        .orElseGet(BatchApi::unknown);
  }

  /** {@code POST /batches/{id}/{complete|hold|release|requeue}}. */
  public Answer grant(String id, String action) {
    Optional<Wish> wish = Wish.of(action);
    if (wish.isEmpty()) {
      return Answer.problem(
          404, "NO_SUCH_ACTION", "a batch can be completed, held, released and requeued");
    }
    Optional<ExamBatch> batch = found(id);
    if (batch.isEmpty()) {
      return unknown();
    }
    if (!desk.grant(batch.get().id(), wish.get())) {
      return Answer.problem(
          409,
          "WRONG_STATE",
          "the batch is "
              + batch.get().status()
              + "; "
              + wish.get().key()
              + " is for batches that are "
              + Arrays.stream(BatchStatus.values())
                  .filter(wish.get()::fits)
                  .map(Enum::name)
                  .collect(Collectors.joining(" or ")));
    }
    return Answer.json(200, json(desk.find(batch.get().id()).orElseThrow()));
  }

  /** {@code GET /destinations}. */
  public Answer destinations() {
    ObjectNode body = JSON.createObjectNode();
    body.set("destinations", figures(desk.destinations()));
    return Answer.json(200, body);
  }

  private Optional<ExamBatch> found(String id) {
    return Optional.ofNullable(id)
        .filter(text -> text.matches("\\d{1,18}"))
        .flatMap(text -> desk.find(Long.parseLong(text)));
  }

  private static Answer unknown() {
    return Answer.problem(404, "BATCH_NOT_FOUND", "there is no batch of that id");
  }

  private static ObjectNode json(ExamBatch batch) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("id", batch.id())
            .put("study_instance_uid", batch.studyUid())
            .put("destination", batch.destination())
            .put("status", batch.status().name())
            .put("generation", batch.generation())
            .put("held", batch.held())
            .put("instance_count", batch.instances())
            .put("confirmed_count", batch.confirmed())
            .put("refused_count", batch.refused());
    batch.expected().ifPresent(expected -> json.put("expected_count", expected));
    batch.reason().ifPresent(reason -> json.put("completion_reason", reason.name()));
    json.put("attempts", batch.attempts()).put("associations", batch.associations());
    if (!batch.error().isEmpty()) {
      json.put("error", batch.error());
    }
    json.put("created_at", batch.createdAt().toString())
        .put("last_arrival_at", batch.lastArrivalAt().toString());
    if (batch.status() == BatchStatus.PENDING && !batch.held()) {
      json.put("due_at", batch.dueAt().toString());
    }
    put(json, "ready_at", batch.readyAt());
    put(json, "sent_at", batch.sentAt());
    if (batch.status() == BatchStatus.READY) {
      put(json, "next_attempt_at", batch.nextAttemptAt());
    }
    return json.put("updated_at", batch.updatedAt().toString());
  }

  private static void put(ObjectNode json, String name, Optional<Instant> moment) {
    moment.ifPresent(value -> json.put(name, value.toString()));
  }

  private static ArrayNode figures(List<DestinationFigures> destinations) {
    ArrayNode list = JSON.createArrayNode();
    for (DestinationFigures figures : destinations) {
      ObjectNode json =
          list.addObject()
              .put("name", figures.name())
              .put("circuit", figures.circuitFailures() == 0 ? "closed" : "open");
      if (figures.circuitFailures() > 0) {
        put(json, "open_since", figures.circuitSince());
        put(json, "asked_again_at", figures.circuitUntil());
        json.put("reason", figures.circuitReason());
      }
      ObjectNode batches = json.putObject("batches");
      for (BatchStatus status : BatchStatus.values()) {
        if (status != BatchStatus.SENT) {
          batches.put(status.name(), figures.unfinished(status));
        }
      }
      json.put("stuck", figures.stuck())
          .put("sent_last_24h", figures.sentLately())
          .put("average_batch_size", Math.round(figures.averageSize() * 10) / 10.0)
          .put("average_completion_ms", figures.averageCompletion().toMillis())
          .put("associations", figures.associations())
          .put("associations_failed", figures.failedAssociations())
          .put("association_success_rate", Math.round(figures.successRate() * 1000) / 1000.0);
      put(json, "last_delivery_at", figures.lastDelivery());
    }
    return list;
  }
}
