package io.howdah.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomException;
import io.howdah.dicom.DicomJson;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.http.Answer;
import io.howdah.hub.Attribute.Level;
import io.howdah.hub.PacsIndex.Found;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Search for studies, series and instances: QIDO-RS (PS3.18 §10.6). */
public final class Qido {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]{1,255}");
  private static final int BAD_REQUEST = 400;

  /** Tags that PS3.6 has and the toolkit's own list of constants does not. */
  private static final int RETRIEVE_URL = 0x00081190;

  private static final int STUDY_SERIES = 0x00201206;
  private static final int SERIES_INSTANCES = 0x00201209;

  private final PacsIndex index;
  private final int most;
  private final DicomWriter writer = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
  private final DicomReader reader = new DicomReader();
  private final DicomJson model = new DicomJson();

  /**
   * @param most results of one search
   */
  public Qido(PacsIndex index, int most) {
    this.index = index;
    this.most = most;
  }

  /** {@code GET /radiology/studies}. */
  public Answer studies(String query, String host) {
    return search(Level.STUDY, Optional.empty(), Optional.empty(), query, host);
  }

  /** {@code GET /radiology/series} and {@code /radiology/studies/{study}/series}. */
  public Answer series(String study, String query, String host) {
    return search(Level.SERIES, Optional.ofNullable(study), Optional.empty(), query, host);
  }

  /** {@code GET /radiology/instances}, and those of a study or a series. */
  public Answer instances(String study, String series, String query, String host) {
    return search(
        Level.INSTANCE, Optional.ofNullable(study), Optional.ofNullable(series), query, host);
  }

  private Answer search(
      Level level, Optional<String> study, Optional<String> series, String query, String host) {
    SearchQuery read;
    try {
      read = SearchQuery.read(query, level, most);
    } catch (SearchQuery.Bad e) {
      return Answer.problem(BAD_REQUEST, "BAD_QUERY", e.getMessage());
    }
    List<Found> found =
        study.map(Uids::isSafe).orElse(true) && series.map(Uids::isSafe).orElse(true)
            ? index.search(read.search(level, study, series))
            : List.of();
    List<String> warnings = new ArrayList<>();
    if (found.size() > read.limit()) {
      warnings.add(
          "The number of results exceeded the maximum supported by the server. Additional results can be requested.");
      found = found.subList(0, read.limit());
    }
    if (!read.ignored().isEmpty()) {
      warnings.add("These parameters were not obeyed: " + String.join(", ", read.ignored()));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    if (!warnings.isEmpty()) {
      headers.put("Warning", "299 howdah \"" + String.join(" ", warnings) + "\"");
    }
    return new Answer(200, "application/dicom+json", json(level, found, host), headers);
  }

  private String json(Level level, List<Found> found, String host) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (Found one : found) {
        model.write(
            reader.dataSet(
                writer.dataSet(dataSet(level, one, host)),
                TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN),
            json);
      }
      json.writeEndArray();
    } catch (DicomException e) {
      throw new IllegalStateException("what we wrote ourselves can be read", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** PS3.18 tables 10.6.3-3 to -5. */
  private static DataSetBuilder dataSet(Level level, Found found, String host) {
    DataSetBuilder result =
        new DataSetBuilder()
            .put(Tag.SpecificCharacterSet, "ISO_IR 192")
            .put(Tag.InstanceAvailability, VR.CS, "ONLINE");
    found
        .values()
        .forEach(
            (attribute, value) -> {
              if (attribute.vr() != VR.US) {
                result.put(attribute.tag(), attribute.vr(), value);
              } else if (value.matches("\\d{1,5}")) {
                result.put(attribute.tag(), Integer.parseInt(value));
              }
            });
    result.put(Tag.ModalitiesInStudy, VR.CS, found.modalities().toArray(String[]::new));
    if (level == Level.STUDY) {
      result.put(STUDY_SERIES, VR.IS, Long.toString(found.seriesCount()));
      result.put(Tag.NumberOfStudyRelatedInstances, VR.IS, Long.toString(found.instances()));
    } else if (level == Level.SERIES) {
      result.put(SERIES_INSTANCES, VR.IS, Long.toString(found.instances()));
    }
    if (host != null && HOST.matcher(host).matches()) {
      result.put(RETRIEVE_URL, VR.UR, "http://" + host + path(level, found.values()));
    }
    return result;
  }

  private static String path(Level level, Map<Attribute, String> values) {
    String path = "/radiology/studies/" + values.get(Attribute.STUDY_UID);
    if (level != Level.STUDY) {
      path += "/series/" + values.get(Attribute.SERIES_UID);
    }
    return level == Level.INSTANCE
        ? path + "/instances/" + values.get(Attribute.SOP_INSTANCE_UID)
        : path;
  }
}
