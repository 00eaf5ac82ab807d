package io.howdah.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomJson;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.VR;
import io.howdah.dicom.sample.SampleStudies;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads CT files of 12 KB: 110 elements and a sequence, then 8 KB of pixels. Each operation is one
 * file; 64 different ones take turns.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class HeaderParseBenchmark {
  private static final int FILES = 64;

  @Param({"1.2.840.10008.1.2.1", "1.2.840.10008.1.2"})
  public String syntax;

  private final DicomReader reader = new DicomReader();
  private final DicomJson model = new DicomJson();
  private final JsonFactory factory = new JsonFactory();
  private final List<Path> paths = new ArrayList<>();
  private final List<byte[]> bytes = new ArrayList<>();
  private Path folder;
  private int next;
  private long done;
  private long cpuBefore;

  @Setup(Level.Trial)
  public void write() throws IOException {
    folder = Files.createTempDirectory("howdah-bench");
    for (int i = 0; i < FILES; i++) {
      byte[] file = file(i);
      bytes.add(file);
      paths.add(Files.write(folder.resolve(i + ".dcm"), file));
    }
    System.out.println("# files of " + bytes.get(0).length + " bytes");
  }

  private byte[] file(int i) {
    DataSetBuilder built = new SampleStudies(i).ct(1).files().get(0).dataSet().get();
    for (int k = 0; k < 55; k++) {
      built.put(0x00191001 + k, VR.LO, "private value " + k);
    }
    built
        .put(0x00190010, VR.LO, "HOWDAH BENCH")
        .sequence(
            Tag.RequestAttributesSequence,
            new DataSetBuilder()
                .put(Tag.RequestedProcedureID, "P" + i)
                .put(Tag.ScheduledProcedureStepID, "S" + i))
        .put(Tag.Rows, 64)
        .put(Tag.Columns, 64)
        .put(Tag.PixelData, VR.OW, new byte[8192]);
    return new DicomWriter(TransferSyntax.of(syntax)).file(built);
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(
          file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    Files.delete(folder);
  }

  @Setup(Level.Iteration)
  public void begin() {
    done = 0;
    cpuBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** On a machine that others use too, the clock on the wall says little; this says the rest. */
  @TearDown(Level.Iteration)
  public void end() {
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBefore;
    System.out.printf("[%.0f per second of CPU] ", done * 1e9 / cpu);
  }

  private int next() {
    done++;
    next = next + 1 & FILES - 1;
    return next;
  }

  /** Open, read, parse and close a file, and take the UIDs that a gateway needs. */
  @Benchmark
  public int headerOfFile() throws IOException {
    return uids(reader.header(paths.get(next())));
  }

  /** The same of bytes in memory: the parser alone. */
  @Benchmark
  public int headerOfBytes() throws IOException {
    return uids(reader.header(new ByteArrayInputStream(bytes.get(next()))));
  }

  private static int uids(Header header) {
    return header.dataSet().string(Tag.SOPInstanceUID).length()
        + header.dataSet().string(Tag.StudyInstanceUID).length()
        + header.dataSet().elements().size();
  }

  /** What validate reads: every element to the end, all checks, SHA-256 in the same pass. */
  @Benchmark
  public int structureOfFile() throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Header header = reader.structure(paths.get(next()), digest);
    return header.defects().size() + digest.digest().length;
  }

  /** What describe does: read the header and write it as JSON. */
  @Benchmark
  public int headerToJson() throws IOException {
    Header header = reader.header(paths.get(next()));
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 14);
    try (JsonGenerator json = factory.createGenerator(out)) {
      model.write(header.dataSet(), json);
    }
    return out.size();
  }
}
