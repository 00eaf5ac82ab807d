package io.howdah.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.howdah.dicom.DicomJson;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Uids;
import io.howdah.disk.Disk;
import io.howdah.http.Accept;
import io.howdah.http.Answer;
import io.howdah.http.Download;
import io.howdah.hub.PacsIndex.Stored;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Retrieve of studies, series, instances and their metadata: WADO-RS (PS3.18 §10.4). Files are sent
 * as they were received, byte for byte, in whatever transfer syntax they have.
 */
public final class Wado {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String DICOM = "application/dicom";
  private static final String DICOM_JSON = "application/dicom+json";
  private static final String MULTIPART = "multipart/related";
  private static final int NOT_MODIFIED = 304;
  private static final int PARTIAL = 206;
  private static final int BUFFER = 256 * 1024;

  private final PacsIndex index;
  private final PacsLite pacs;
  private final Viewer viewer;
  private final DicomReader reader = new DicomReader();
  private final DicomJson model = new DicomJson();

  public Wado(PacsIndex index, PacsLite pacs, Viewer viewer) {
    this.index = index;
    this.pacs = pacs;
    this.viewer = viewer;
  }

  /**
   * {@code GET /radiology/studies/{study}}: its images, or what the study is, as JSON or as a page,
   * by what is accepted.
   */
  public Object study(String study, String accept, String ifNoneMatch) throws IOException {
    for (Accept.Range range : Accept.ranges(accept)) {
      switch (range.type()) {
        case "text/html", "application/xhtml+xml", "text/*" -> {
          return viewer.page(study);
        }
        case "application/json", "*/*" -> {
          return viewer.json(study);
        }
        default -> {
          if (range.type().startsWith("multipart/") || range.type().startsWith("application/")) {
            return retrieve(study, null, null, accept, ifNoneMatch, null);
          }
        }
      }
    }
    return notAcceptable();
  }

  /** {@code GET …/series/{series}}. */
  public Object series(String study, String series, String accept, String ifNoneMatch)
      throws IOException {
    return retrieve(study, series, null, accept, ifNoneMatch, null);
  }

  /** {@code GET …/instances/{instance}}. */
  public Object instance(
      String study, String series, String instance, String accept, String ifNoneMatch, String range)
      throws IOException {
    return retrieve(study, series, instance, accept, ifNoneMatch, range);
  }

  private Object retrieve(
      String study, String series, String instance, String accept, String ifNoneMatch, String range)
      throws IOException {
    List<Stored> images = find(study, series, instance);
    if (images.isEmpty()) {
      return notFound();
    }
    Optional<Boolean> multipart = multipart(accept, images, instance != null);
    if (multipart.isEmpty()) {
      return notAcceptable();
    }
    String tag = tag(images);
    if (isKnown(ifNoneMatch, tag)) {
      return new Answer(NOT_MODIFIED, DICOM, "", Map.of("ETag", tag));
    }
    return multipart.get() ? multipart(images, tag) : single(images.get(0), tag, range);
  }

  private List<Stored> find(String study, String series, String instance) {
    boolean safe =
        Stream.of(study, series, instance).allMatch(uid -> uid == null || Uids.isSafe(uid));
    return safe
        ? index.stored(study, Optional.ofNullable(series), Optional.ofNullable(instance))
        : List.of();
  }

  /** PS3.18 §8.7.3: whether as parts or as one; nothing when neither is wanted. */
  private static Optional<Boolean> multipart(
      String accept, List<Stored> images, boolean oneByName) {
    for (Accept.Range range : Accept.ranges(accept)) {
      String type = range.type();
      boolean inParts =
          (type.equals(MULTIPART) || type.equals("multipart/*"))
              && range.parameters().getOrDefault("type", DICOM).equals(DICOM);
      boolean alone = (type.equals(DICOM) || type.equals("application/*")) && images.size() == 1;
      boolean any = type.equals("*/*");
      if ((inParts || alone || any) && hasSyntax(range, images)) {
        return Optional.of(inParts || any && !oneByName);
      }
    }
    return Optional.empty();
  }

  private static boolean hasSyntax(Accept.Range range, List<Stored> images) {
    String syntax = range.parameters().getOrDefault("transfer-syntax", "*");
    return syntax.equals("*")
        || images.stream().allMatch(image -> image.transferSyntaxUid().equals(syntax));
  }

  private static String tag(List<Stored> images) {
    if (images.size() == 1) {
      return '"' + images.get(0).sha256() + '"';
    }
    StringBuilder all = new StringBuilder();
    images.forEach(image -> all.append(image.sha256()));
    return '"' + Disk.sha256(all.toString()) + '"';
  }

  /** RFC 9110 §13.1.2; Camel takes a lone value's quotes away. */
  private static boolean isKnown(String ifNoneMatch, String tag) {
    return ifNoneMatch != null
        && Stream.of(ifNoneMatch.split(","))
            .map(one -> one.strip().replaceFirst("^W/", "").replace("\"", ""))
            .anyMatch(one -> one.equals("*") || tag.equals('"' + one + '"'));
  }

  private Object single(Stored image, String tag, String rangeHeader) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("ETag", tag);
    headers.put("Accept-Ranges", "bytes");
    String type = DICOM + "; transfer-syntax=" + image.transferSyntaxUid();
    Optional<ByteRange> range = ByteRange.of(rangeHeader, image.size());
    if (range.isEmpty()) {
      headers.put("Content-Length", Long.toString(image.size()));
      return new Download(200, type, headers, open(image, 0, image.size()));
    }
    ByteRange part = range.get();
    if (!part.isSatisfiable()) {
      Answer problem = Answer.problem(416, "NO_SUCH_RANGE", "the image has no such bytes");
      return new Answer(
          problem.status(),
          problem.contentType(),
          problem.body(),
          Map.of("Content-Range", "bytes */" + image.size()));
    }
    headers.put("Content-Range", "bytes " + part.from() + "-" + part.to() + "/" + image.size());
    headers.put("Content-Length", Long.toString(part.length()));
    return new Download(PARTIAL, type, headers, open(image, part.from(), part.length()));
  }

  private InputStream open(Stored image, long from, long length) throws IOException {
    FileChannel channel =
        FileChannel.open(
            pacs.file(image.studyUid(), image.seriesUid(), image.sopInstanceUid()),
            StandardOpenOption.READ,
            LinkOption.NOFOLLOW_LINKS);
    channel.position(from);
    return new Bounded(new BufferedInputStream(Channels.newInputStream(channel), BUFFER), length);
  }

  /** PS3.18 §8.6.1.2.1: each image a part of its own. */
  private Download multipart(List<Stored> images, String tag) {
    String boundary = UUID.randomUUID().toString();
    Iterator<Concatenation.Part> parts =
        Stream.concat(
                images.stream()
                    .flatMap(
                        image ->
                            Stream.<Concatenation.Part>of(
                                () -> text(header(boundary, image)),
                                () -> open(image, 0, image.size()),
                                () -> text("\r\n"))),
                Stream.<Concatenation.Part>of(() -> text("--" + boundary + "--\r\n")))
            .iterator();
    return new Download(
        200,
        MULTIPART + "; type=\"" + DICOM + "\"; boundary=" + boundary,
        Map.of("ETag", tag),
        new Concatenation(parts));
  }

  private static String header(String boundary, Stored image) {
    return "--"
        + boundary
        + "\r\nContent-Type: "
        + DICOM
        + "; transfer-syntax="
        + image.transferSyntaxUid()
        + "\r\nContent-Length: "
        + image.size()
        + "\r\n\r\n";
  }

  private static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code GET …/metadata}: the headers in the DICOM JSON model, without bulk data. */
  public Object metadata(String study, String series, String instance, String accept) {
    boolean wanted =
        Accept.ranges(accept).stream()
            .map(Accept.Range::type)
            .anyMatch(
                type ->
                    type.equals(DICOM_JSON)
                        || type.equals("application/json")
                        || type.equals("application/*")
                        || type.equals("*/*"));
    if (!wanted) {
      return notAcceptable();
    }
    List<Stored> images = find(study, series, instance);
    if (images.isEmpty()) {
      return notFound();
    }
    Iterator<Concatenation.Part> parts =
        Stream.concat(
                Stream.iterate(0, i -> i < images.size(), i -> i + 1)
                    .map(i -> (Concatenation.Part) () -> json(images.get(i), i == 0 ? '[' : ',')),
                Stream.<Concatenation.Part>of(() -> text("]")))
            .iterator();
    return new Download(200, DICOM_JSON, Map.of(), new Concatenation(parts));
  }

  private InputStream json(Stored image, char before) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(before);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      model.write(
          reader
              .header(pacs.file(image.studyUid(), image.seriesUid(), image.sopInstanceUid()))
              .dataSet(),
          json);
    }
    return new ByteArrayInputStream(out.toByteArray());
  }

  private static Answer notFound() {
    return Answer.problem(404, "NOT_FOUND", "there is no such study, series or instance here");
  }

  private static Answer notAcceptable() {
    return Answer.problem(
        406,
        "NOT_ACCEPTABLE",
        "there is multipart/related; type=\"application/dicom\", application/dicom for one instance, and application/dicom+json for metadata, in the transfer syntax that was stored");
  }

  /** The first bytes of a stream. */
  private static final class Bounded extends java.io.FilterInputStream {
    private long left;

    Bounded(InputStream in, long length) {
      super(in);
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        return -1;
      }
      int b = in.read();
      left -= b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      if (left == 0 && length > 0) {
        return -1;
      }
      int n = in.read(bytes, from, (int) Math.min(length, left));
      left -= Math.max(0, n);
      return n;
    }
  }
}
