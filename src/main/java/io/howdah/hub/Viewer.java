package io.howdah.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.Uids;
import io.howdah.disk.Disk;
import io.howdah.http.Answer;
import io.howdah.hub.Attribute.Level;
import io.howdah.hub.PacsIndex.Found;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a study is, for programs and for people: the viewer URL of the seed. */
public final class Viewer {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Series and images shown of one study. */
  private static final int MOST = 10_000;

  private static final String STYLE =
      """
      body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1a1a1a;background:#fff}
      h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
      dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}dt{font-weight:600}dd{margin:0}
      table{border-collapse:collapse;width:100%}caption{text-align:left;color:#444}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}
      td.n,th.n{text-align:right}a{color:#0b57a4}.uid{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
      """;

  private static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + Base64.getEncoder()
              .encodeToString(Disk.sha256().digest(STYLE.getBytes(StandardCharsets.UTF_8)))
          + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  private final PacsIndex index;

  public Viewer(PacsIndex index) {
    this.index = index;
  }

  private List<Found> found(Level level, String study) {
    List<Found> found =
        index.search(
            new PacsIndex.Search(
                level, Optional.of(study), Optional.empty(), List.of(), List.of(), MOST, 0));
    return found.subList(0, Math.min(MOST, found.size()));
  }

  private Optional<Found> study(String study) {
    return Uids.isSafe(study) ? found(Level.STUDY, study).stream().findFirst() : Optional.empty();
  }

  /** The study as JSON. */
  Answer json(String studyUid) {
    Optional<Found> study = study(studyUid);
    if (study.isEmpty()) {
      return unknown();
    }
    ObjectNode json = JSON.createObjectNode();
    put(json, study.get().values(), Level.STUDY);
    json.put("image_count", study.get().instances());
    ArrayNode orders = json.putArray("radiology_order_ids");
    index.orders(studyUid).forEach(orders::add);
    Map<String, Long> ids = new java.util.HashMap<>();
    index
        .stored(studyUid, Optional.empty(), Optional.empty())
        .forEach(image -> ids.put(image.sopInstanceUid(), image.instanceId()));
    ArrayNode list = json.putArray("series");
    List<Found> images = found(Level.INSTANCE, studyUid);
    for (Found series : found(Level.SERIES, studyUid)) {
      ObjectNode node = list.addObject();
      put(node, series.values(), Level.SERIES);
      node.put("image_count", series.instances());
      ArrayNode all = node.putArray("images");
      images.stream()
          .filter(image -> isOf(image, series))
          .forEach(
              image -> {
                ObjectNode one = all.addObject();
                String uid = image.values().get(Attribute.SOP_INSTANCE_UID);
                one.put("server_image_id", ids.get(uid));
                put(one, image.values(), Level.INSTANCE);
                one.put("url", url(image));
              });
    }
    return Answer.json(200, json);
  }

  private static boolean isOf(Found image, Found series) {
    return image
        .values()
        .get(Attribute.SERIES_UID)
        .equals(series.values().get(Attribute.SERIES_UID));
  }

  private static String url(Found image) {
    return "/radiology/studies/"
        + image.values().get(Attribute.STUDY_UID)
        + "/series/"
        + image.values().get(Attribute.SERIES_UID)
        + "/instances/"
        + image.values().get(Attribute.SOP_INSTANCE_UID);
  }

  private static void put(ObjectNode json, Map<Attribute, String> values, Level level) {
    for (Attribute attribute : Attribute.values()) {
      if (attribute.level() == level && values.containsKey(attribute)) {
        json.put(attribute.name().toLowerCase(java.util.Locale.ROOT), values.get(attribute));
      }
    }
  }

  /** The study as a page that needs no script. */
  Answer page(String studyUid) {
    Optional<Found> study = study(studyUid);
    if (study.isEmpty()) {
      return html(404, "No such study", "<h1>There is no such study here</h1>");
    }
    Map<Attribute, String> values = study.get().values();
    StringBuilder body = new StringBuilder();
    body.append("<h1>Study of ")
        .append(escaped(person(values.getOrDefault(Attribute.PATIENT_NAME, "an unnamed patient"))))
        .append("</h1>\n<dl>");
    term(body, "Patient ID", values.get(Attribute.PATIENT_ID));
    term(body, "Born", date(values.get(Attribute.PATIENT_BIRTH_DATE)));
    term(body, "Sex", values.get(Attribute.PATIENT_SEX));
    term(body, "Study", values.get(Attribute.STUDY_DESCRIPTION));
    term(body, "Date", date(values.get(Attribute.STUDY_DATE)));
    term(body, "Accession number", values.get(Attribute.ACCESSION_NUMBER));
    term(body, "Radiology orders", join(index.orders(studyUid)));
    body.append("<dt>Study UID</dt><dd class=\"uid\">")
        .append(escaped(studyUid))
        .append("</dd></dl>\n");
    List<Found> images = found(Level.INSTANCE, studyUid);
    for (Found series : found(Level.SERIES, studyUid)) {
      series(body, series, images.stream().filter(image -> isOf(image, series)).toList());
    }
    return html(200, "Study " + studyUid, body.toString());
  }

  private static void series(StringBuilder body, Found series, List<Found> images) {
    Map<Attribute, String> values = series.values();
    body.append("<h2>Series ")
        .append(escaped(values.getOrDefault(Attribute.SERIES_NUMBER, "")))
        .append(' ')
        .append(escaped(values.getOrDefault(Attribute.MODALITY, "")))
        .append(' ')
        .append(escaped(values.getOrDefault(Attribute.SERIES_DESCRIPTION, "")))
        .append("</h2>\n<table><caption>")
        .append(series.instances())
        .append(series.instances() == 1 ? " image" : " images")
        .append(
            "</caption>\n<thead><tr><th scope=\"col\" class=\"n\">Number</th><th scope=\"col\">Image</th><th scope=\"col\" class=\"n\">Rows</th><th scope=\"col\" class=\"n\">Columns</th></tr></thead>\n<tbody>");
    for (Found image : images) {
      Map<Attribute, String> its = image.values();
      body.append("\n<tr><td class=\"n\">")
          .append(escaped(its.getOrDefault(Attribute.INSTANCE_NUMBER, "")))
          .append("</td><td class=\"uid\"><a href=\"")
          .append(escaped(url(image)))
          .append("\" download=\"")
          .append(escaped(its.get(Attribute.SOP_INSTANCE_UID)))
          .append(".dcm\">")
          .append(escaped(its.get(Attribute.SOP_INSTANCE_UID)))
          .append("</a></td><td class=\"n\">")
          .append(escaped(its.getOrDefault(Attribute.ROWS, "")))
          .append("</td><td class=\"n\">")
          .append(escaped(its.getOrDefault(Attribute.COLUMNS, "")))
          .append("</td></tr>");
    }
    body.append("</tbody></table>\n");
  }

  private static void term(StringBuilder body, String name, String value) {
    if (value != null && !value.isEmpty()) {
      body.append("<dt>").append(name).append("</dt><dd>").append(escaped(value)).append("</dd>");
    }
  }

  private static String join(List<Long> orders) {
    return String.join(", ", orders.stream().map(String::valueOf).toList());
  }

  /** A name as people write it: component groups apart, no empty components (PS3.5 §6.2.1). */
  private static String person(String name) {
    return name.replaceAll("\\^+", " ").replaceAll("=+", " / ").strip();
  }

  private static String date(String value) {
    return value != null && value.matches("\\d{8}")
        ? value.substring(0, 4) + "-" + value.substring(4, 6) + "-" + value.substring(6)
        : value;
  }

  private static Answer html(int status, String title, String body) {
    String page =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>"
            + escaped(title)
            + "</title><style>"
            + STYLE
            + "</style></head>\n<body><main>"
            + body
            + "</main></body></html>\n";
    return new Answer(
        status, "text/html; charset=utf-8", page, Map.of("Content-Security-Policy", POLICY));
  }

  /** Text in which nothing is markup. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static Answer unknown() {
    return Answer.problem(404, "NOT_FOUND", "there is no such study here");
  }
}
