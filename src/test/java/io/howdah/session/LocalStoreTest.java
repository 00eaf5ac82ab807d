package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.Disk;
import io.howdah.session.LocalStore.Arrived;
import io.howdah.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies in the store, plain and sealed. */
class LocalStoreTest {
  private static final String KEY = "11".repeat(32);

  @TempDir Path directory;

  private Settings.Sessions settings(Path keyFile) {
    return new Settings.Sessions(
        directory.resolve("store"),
        List.of(),
        1 << 30,
        10,
        10,
        5,
        Duration.ZERO,
        Optional.ofNullable(keyFile)
            .map(file -> new Settings.Sessions.SealKey(Optional.of(file), "")));
  }

  private LocalStore plain() throws IOException {
    return new LocalStore(settings(null), new Disk(), Optional.empty());
  }

  private LocalStore sealed(String key) throws IOException {
    Settings.Sessions settings = settings(Files.writeString(directory.resolve("key"), key));
    return new LocalStore(settings, new Disk(), Optional.of(Seal.of(settings.key().get())));
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static Arrived taken(LocalStore store, byte[] bytes) throws IOException {
    Arrived arrived =
        store.take(Channels.newChannel(new ByteArrayInputStream(bytes)), Long.MAX_VALUE);
    arrived.publish();
    arrived.close();
    return arrived;
  }

  private static SessionFacts facts(Arrived arrived) {
    return new SessionFacts(
        "id",
        "7",
        1,
        "a",
        "b",
        arrived.size(),
        arrived.sha256(),
        "{}",
        0,
        Optional.empty(),
        5,
        arrived.name(),
        arrived.isSealed(),
        Instant.EPOCH);
  }

  private static byte[] read(SeekableByteChannel channel, long from, int length)
      throws IOException {
    try (channel) {
      channel.position(from);
      ByteBuffer buffer = ByteBuffer.allocate(length);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // reads on
      }
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }

  @Test
  void a_copy_has_the_bytes_the_digest_and_a_mode_for_few() throws IOException {
    LocalStore store = plain();
    byte[] bytes = bytes(1_000_003);
    Arrived arrived = taken(store, bytes);
    assertThat(arrived.sha256()).isEqualTo(HexFormat.of().formatHex(Disk.sha256().digest(bytes)));
    assertThat(read(store.open(facts(arrived)), 0, 2_000_000)).isEqualTo(bytes);
    store.verify(facts(arrived));
    Path file = store.directory().resolve(arrived.name());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(store.delete(facts(arrived))).isTrue();
    assertThat(store.delete(facts(arrived))).isFalse();
  }

  @Test
  void what_is_never_published_leaves_nothing() throws IOException {
    LocalStore store = plain();
    store.take(Channels.newChannel(new ByteArrayInputStream(bytes(10))), 10).close();
    assertThatExceptionOfType(LocalStore.TooLarge.class)
        .isThrownBy(() -> store.take(Channels.newChannel(new ByteArrayInputStream(bytes(11))), 10));
    try (Stream<Path> files = Files.walk(store.directory())) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void a_sealed_copy_is_read_from_anywhere_and_shows_nothing() throws IOException {
    LocalStore store = sealed(KEY);
    byte[] bytes = new byte[300_000];
    Arrays.fill(bytes, (byte) 'P');
    Arrived arrived = taken(store, bytes);
    byte[] onDisk = Files.readAllBytes(store.directory().resolve(arrived.name()));
    assertThat(new String(onDisk, java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("PPPP");
    byte[] random = bytes(500_000);
    Arrived other = taken(store, random);
    for (int from : new int[] {0, 1, 65_535, 65_536, 131_000, 499_999}) {
      int length = Math.min(70_000, random.length - from);
      assertThat(read(store.open(facts(other)), from, length))
          .as("from " + from)
          .isEqualTo(Arrays.copyOfRange(random, from, from + length));
    }
    store.verify(facts(other));
    assertThat(sealed("ERERERERERERERERERERERERERERERERERERERERERE=").open(facts(other)).size())
        .as("the same key in Base64")
        .isEqualTo(random.length);
  }

  @Test
  void any_change_of_a_sealed_copy_is_noticed() throws IOException {
    LocalStore store = sealed(KEY);
    Arrived arrived = taken(store, bytes(200_000));
    Path file = store.directory().resolve(arrived.name());
    byte[] good = Files.readAllBytes(file);
    for (int at : new int[] {0, 5, 30, 41, 70_000, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      assertThatThrownBy(() -> store.verify(facts(arrived)))
          .as("byte " + at)
          .isInstanceOf(IOException.class);
    }
    Files.write(file, Arrays.copyOf(good, good.length - 1));
    assertThatThrownBy(() -> store.verify(facts(arrived)))
        .as("cut")
        .isInstanceOf(IOException.class);
    Files.write(file, Arrays.copyOf(good, 2 * 64 * 1024));
    assertThatThrownBy(() -> store.verify(facts(arrived)))
        .as("cut between segments")
        .isInstanceOf(IOException.class);
    byte[] swapped = good.clone();
    System.arraycopy(good, 64 * 1024, swapped, 2 * 64 * 1024, 64 * 1024);
    System.arraycopy(good, 2 * 64 * 1024, swapped, 64 * 1024, 64 * 1024);
    Files.write(file, swapped);
    assertThatThrownBy(() -> store.verify(facts(arrived)))
        .as("segments swapped")
        .isInstanceOf(IOException.class);
    Arrived other = taken(store, bytes(200_000));
    Files.write(store.directory().resolve(other.name()), good);
    assertThatThrownBy(() -> store.verify(facts(other)))
        .as("another file's bytes")
        .isInstanceOf(IOException.class);
    Files.write(file, good);
    store.verify(facts(arrived));
    LocalStore stranger = sealed("22".repeat(32));
    assertThatThrownBy(() -> stranger.verify(facts(arrived)))
        .as("another key")
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> plain().verify(facts(arrived)))
        .as("no key")
        .isInstanceOf(IOException.class);
  }

  @Test
  void a_changed_plain_copy_is_noticed() throws IOException {
    LocalStore store = plain();
    Arrived arrived = taken(store, bytes(1000));
    Object before = store.stamp(facts(arrived));
    Path file = store.directory().resolve(arrived.name());
    byte[] bytes = Files.readAllBytes(file);
    bytes[500] ^= 1;
    Files.write(file, bytes);
    assertThat(store.stamp(facts(arrived))).isNotEqualTo(before);
    assertThatExceptionOfType(ChecksumMismatch.class)
        .isThrownBy(() -> store.verify(facts(arrived)));
  }

  @Test
  void a_link_in_the_store_is_not_followed() throws IOException {
    LocalStore store = plain();
    Arrived arrived = taken(store, bytes(1000));
    Path file = store.directory().resolve(arrived.name());
    Path elsewhere = Files.move(file, directory.resolve("elsewhere"));
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(() -> store.verify(facts(arrived)))
        .as("A74")
        .isInstanceOf(IOException.class);
  }

  @Test
  void a_key_comes_from_a_command_too_and_a_bad_one_is_refused_without_being_shown()
      throws IOException {
    Seal.of(new Settings.Sessions.SealKey(Optional.empty(), "printf " + KEY));
    for (String bad : List.of("printf 1234567890", "exit 3", "printf '" + "zz".repeat(32) + "'")) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> Seal.of(new Settings.Sessions.SealKey(Optional.empty(), bad)))
          .withMessageNotContainingAny("1234567890", "zzzz");
    }
  }
}
