package io.howdah.describe;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.Defect;
import io.howdah.dicom.DicomJson;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Header;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;

/**
 * metadata.json from a header: what is known about the file, the named groups, the file meta
 * information and the DICOM JSON model of the data set, up to {@link DicomJson#DEFAULT_MAX_BYTES}
 * of it. Pixel data is not even read. Safe for use by many threads.
 */
public final class HeaderMetadata implements Metadata {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER = 1 << 16;

  private final DicomReader reader = new DicomReader();
  private final DicomJson model = new DicomJson();

  @Override
  public ObjectNode write(Path file, ObjectNode about, FileChannel out) throws IOException {
    Header header = reader.header(file);
    ObjectNode groups = JsonNodeFactory.instance.objectNode();
    NamedGroup.write(header.dataSet(), groups);
    OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(out), BUFFER);
    JsonGenerator json = JSON.createGenerator(stream);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.writeStartObject();
    fields(about, json);
    fields(groups, json);
    json.writeFieldName("file_meta");
    model.write(header.fileMeta().dataSet(), json);
    json.writeFieldName("dicom");
    boolean whole = model.write(header.dataSet(), json);
    json.writeBooleanField("dicom_is_whole", whole && !header.has(Defect.Code.VALUES_NOT_KEPT));
    json.writeEndObject();
    json.close();
    stream.flush();
    return groups;
  }

  private static void fields(ObjectNode node, JsonGenerator json) throws IOException {
    Iterator<Map.Entry<String, JsonNode>> fields = node.fields();
    while (fields.hasNext()) {
      Map.Entry<String, JsonNode> field = fields.next();
      json.writeFieldName(field.getKey());
      JSON.writeTree(json, field.getValue());
    }
  }
}
