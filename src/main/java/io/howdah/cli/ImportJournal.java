package io.howdah.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a gateway accepted in earlier runs of an import: one JSON line for each file, written after
 * its answer. A line that a crash cut short is dropped; its file is sent again under the same
 * Idempotency-Key. Safe for use by many threads, owned by one process.
 */
final class ImportJournal implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final FileChannel channel;
  private final Map<String, Version> accepted = new ConcurrentHashMap<>();

  private ImportJournal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** The name for what is imported from {@code source} into the gateway at {@code url}. */
  static Path nameFor(Path source, URI url) {
    byte[] both = (source + "\n" + url).getBytes(StandardCharsets.UTF_8);
    String digest = HexFormat.of().formatHex(Disk.sha256().digest(both), 0, 4);
    return Path.of("howdah-import-" + digest + ".jsonl");
  }

  /**
   * Opens a journal, creating it when it is not there.
   *
   * @throws Unable when another import uses it, or it tells of another gateway
   */
  static ImportJournal open(Path file, URI url) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw inUse(file);
      }
      ImportJournal journal = new ImportJournal(file, channel);
      journal.read(url);
      return journal;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw inUse(file);
    } catch (RuntimeException | IOException e) {
      channel.close();
      throw e;
    }
  }

  private static Unable inUse(Path file) {
    return new Unable(
        "another import writes " + file + " now; wait for it, or give this one --journal");
  }

  private void read(URI url) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    channel.truncate(end);
    channel.position(end);
    if (end == 0) {
      write(JSON.createObjectNode().put("journal", "howdah import").put("url", url.toString()));
      return;
    }
    List<String> lines = new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
    try {
      JsonNode header = JSON.readTree(lines.get(0));
      if (!header.path("journal").asText().equals("howdah import")) {
        throw new Unable(file + " is not the journal of an import");
      }
      if (!header.path("url").asText().equals(url.toString())) {
        throw new Unable(
            file + " tells what " + header.path("url").asText() + " accepted, not " + url);
      }
      for (int i = 1; i < lines.size(); i++) {
        JsonNode line = JSON.readTree(lines.get(i));
        accepted.put(
            line.path("path").asText(),
            new Version(line.path("size").asLong(), line.path("modified").asLong()));
      }
    } catch (JsonProcessingException e) {
      throw new Unable(file + " is not the journal of an import, or is damaged; remove it", e);
    }
  }

  /** True when the gateway has this file as it is now. */
  boolean hasAccepted(Path path) throws IOException {
    Version version = accepted.get(key(path));
    return version != null
        && version.size() == Files.size(path)
        && version.modified() == Files.getLastModifiedTime(path).toMillis();
  }

  /** Remembers an accepted file. */
  void add(Sender.Sent sent, Sender.Accepted answer) throws IOException {
    ObjectNode line =
        JSON.createObjectNode()
            .put("path", key(sent.file()))
            .put("size", sent.size())
            .put("modified", sent.modified())
            .put("sha256", sent.sha256())
            .put("duplicate", answer.duplicate());
    answer.studyIds().forEach(line.putArray("study_ids")::add);
    write(line);
  }

  private static String key(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  private synchronized void write(ObjectNode line) throws IOException {
    Disk.writeFully(channel, ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  Path file() {
    return file;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** The state of a file when it was sent. */
  private record Version(long size, long modified) {}
}
