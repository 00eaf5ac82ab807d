package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.describe.HeaderMetadata;
import io.howdah.dicom.Differences;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.sample.SampleFile;
import io.howdah.dicom.sample.SampleStudies;
import io.howdah.dicom.sample.SampleStudy;
import io.howdah.support.DicomFixtures;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A53: files changed at random go the way of every file, from the verdict through the description
 * to a comparison with another: no exception, no hang, always JSON. Each mutant follows from the
 * seed and its number alone; {@code -Pnightly}, or {@code -Dfuzz.seconds=} and {@code
 * -Dfuzz.seed=}, for a longer or another run. What breaks it is kept in {@code target/fuzz}.
 */
class FuzzTest {
  private static final long SECONDS = Long.getLong("fuzz.seconds", 5);
  private static final long SEED = Long.getLong("fuzz.seed", 53);
  private static final int AT_LEAST = 300;
  private static final Duration HANGS = Duration.ofSeconds(20);
  private static final int LARGEST = 60_000;
  private static final ObjectMapper STRICT =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Lengths and tags that readers stumble over. */
  private static final int[] INTERESTING = {
    0,
    1,
    -1,
    -2,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFF0,
    0x0000FFFF,
    0xFFFEE000,
    0xFFFEE00D,
    0xFFFEE0DD,
    0x7FE00010,
    0x00080005,
    0x00020010,
    0x51535200
  };

  @TempDir Path directory;
  private final Examination examination;
  private final List<byte[]> corpus = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  FuzzTest() throws IOException {
    examination = new ProfileExamination(Profiles.in(Path.of("config/validation")));
    corpus.add(TinyDicom.object(1, 600));
    for (TransferSyntax syntax :
        List.of(
            TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
            TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
            TransferSyntax.EXPLICIT_VR_BIG_ENDIAN,
            TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN)) {
      corpus.add(DicomFixtures.instance(2, 1, 512, syntax));
    }
    for (SampleStudy study : new SampleStudies(3).all()) {
      SampleFile file = study.files().get(0);
      if (file.bytes().length < LARGEST) {
        corpus.add(file.bytes());
      }
    }
    for (Path file : SharedFilesTest.filesIfThere("dicom/files")) {
      if (Files.size(file) < LARGEST) {
        corpus.add(Files.readAllBytes(file));
      }
    }
  }

  @Test
  void files_changed_at_random_are_judged_described_and_compared_without_a_crash_or_a_hang()
      throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    long number = 0;
    while ((System.nanoTime() < end || number < AT_LEAST) && failure.get() == null) {
      number++;
      byte[] mutant = mutant(number);
      Thread worker = new Thread(() -> tried(mutant, failure), "fuzz");
      worker.setDaemon(true);
      worker.start();
      worker.join(HANGS.toMillis());
      if (worker.isAlive()) {
        failure.set(new AssertionError("hangs at " + Arrays.toString(worker.getStackTrace())));
      }
      if (failure.get() != null) {
        Path kept =
            Files.write(
                Files.createDirectories(Path.of("target/fuzz"))
                    .resolve("seed-" + SEED + "-mutant-" + number + ".dcm"),
                mutant);
        fail(kept + " breaks it", failure.get());
      }
    }
    System.out.printf("%d mutants of %d files, seed %d: %s%n", number, corpus.size(), SEED, seen);
    assertThat(seen).as("the mutants reach many different verdicts").hasSizeGreaterThan(15);
  }

  private void tried(byte[] mutant, AtomicReference<Throwable> failure) {
    try {
      way(mutant);
    } catch (Throwable e) { // whatever it is, it is what we look for
      failure.set(e);
    }
  }

  private void way(byte[] mutant) throws IOException {
    Path file = Files.write(directory.resolve("mutant.dcm"), mutant);
    Verdict verdict = examination.examine(file);
    assertThat(verdict.fileSize()).isEqualTo(mutant.length);
    assertThat(verdict.findings()).hasSizeLessThanOrEqualTo(Findings.LIMIT);
    verdict.findings().forEach(finding -> seen.add(finding.code()));
    if (!verdict.isValid()) {
      return;
    }
    Path metadata = directory.resolve("metadata.json");
    try (FileChannel out =
        FileChannel.open(
            metadata,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      new HeaderMetadata().write(file, JsonNodeFactory.instance.objectNode(), out);
    }
    assertThat(STRICT.readTree(metadata.toFile()).isObject()).isTrue();
    assertThat(verdict.instance()).as("what is archived names itself").isPresent();
    Path original = Files.write(directory.resolve("original.dcm"), corpus.get(0));
    assertThat(Differences.between(original, file)).isNotNull();
  }

  private byte[] mutant(long number) {
    Random random = new Random(SEED * 1_000_003 + number);
    byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      bytes = changed(bytes, random);
    }
    return bytes;
  }

  private byte[] changed(byte[] bytes, Random random) {
    if (bytes.length < 8) {
      return Arrays.copyOf(bytes, 8);
    }
    int at = random.nextInt(bytes.length - 7);
    int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
    switch (random.nextInt(9)) {
      case 0 -> bytes[at] = (byte) random.nextInt();
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> number(bytes, at, INTERESTING[random.nextInt(INTERESTING.length)], random);
      case 3 -> number(bytes, at & ~1, random.nextInt(), random);
      case 4 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? 0 : 0xFF));
      case 5 -> {
        return Arrays.copyOf(bytes, at + 1); // cut
      }
      case 6 -> {
        return spliced(bytes, at, bytes, at + length); // a piece less
      }
      case 7 -> {
        return spliced(bytes, at + length, bytes, at); // a piece twice
      }
      default -> {
        byte[] other = corpus.get(random.nextInt(corpus.size()));
        return spliced(bytes, at, other, random.nextInt(other.length));
      }
    }
    return bytes;
  }

  private static void number(byte[] bytes, int at, int value, Random random) {
    boolean swapped = random.nextBoolean();
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >>> 8 * (swapped ? 3 - i : i));
    }
  }

  /** The beginning of one, and of another all from a place on; never much longer than either. */
  private static byte[] spliced(byte[] first, int end, byte[] second, int from) {
    int rest = Math.min(second.length - from, LARGEST);
    byte[] whole = Arrays.copyOf(first, end + rest);
    System.arraycopy(second, from, whole, end, rest);
    return whole;
  }
}
