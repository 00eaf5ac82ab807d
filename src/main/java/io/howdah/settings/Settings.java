package io.howdah.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that a process was told, checked: one record per area, no nulls, paths absolute.
 *
 * @param effective every howdah.* key with the value in force, for Camel's placeholders
 */
public record Settings(
    Path config,
    Path data,
    Set<Role> roles,
    Http http,
    Management management,
    Health health,
    Database database,
    Optional<URI> redis,
    Optional<URI> statusService,
    Events events,
    Intake intake,
    Inbox inbox,
    DicomSettings dicom,
    Path quarantine,
    Validation validation,
    int describeWorkers,
    Archive archive,
    Work work,
    PacsUpload pacsUpload,
    Batch batch,
    List<Destination> destinations,
    Sessions sessions,
    Sync sync,
    Hub hub,
    String logLevel,
    String crashPoint,
    Map<String, String> effective) {

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

  /** The business port and its bounds. */
  public record Http(
      String host,
      int port,
      Optional<Path> apiKeysFile,
      boolean anonymous,
      int maxConnections,
      int maxClientRate,
      Duration idleTimeout,
      long minBodyRate) {
    /** True when only this machine can reach it. */
    public boolean isLoopback() {
      return LOOPBACK.contains(host);
    }
  }

  /** The management port. */
  public record Management(String host, int port, Optional<Path> usersFile) {
    /** True when only this machine can reach it. */
    public boolean isLoopback() {
      return LOOPBACK.contains(host);
    }
  }

  /** From when on a stage counts as not keeping up. */
  public record Health(Duration stageAge) {}

  /** The one durable truth. */
  public record Database(String url, String user, Optional<Path> passwordFile, int poolSize) {
    private static final String SQLITE = "jdbc:sqlite:";

    /** True when the truth is an embedded SQLite file. */
    public boolean isSqlite() {
      return url.startsWith(SQLITE);
    }

    /** The embedded file; empty when the truth is in a server. */
    public Optional<Path> file() {
      return isSqlite() ? Optional.of(Path.of(url.substring(SQLITE.length()))) : Optional.empty();
    }
  }

  /** What events carry and how long sent ones are kept. */
  public record Events(boolean patientData, Duration retention) {}

  /**
   * Limits of what comes in; sizes in bytes.
   *
   * @param canary how often a synthetic object goes through the gateway; empty: never
   */
  public record Intake(
      Path uploads,
      long maxFileSize,
      long maxRequestSize,
      int maxFiles,
      long diskReserve,
      int workers,
      Optional<Duration> canary) {}

  /** The watched folder. */
  public record Inbox(Path directory, Duration settle, Duration poll, Duration takenRetention) {}

  /** Where the profiles are and how many files are checked at once. */
  public record Validation(Path profiles, int workers) {}

  /**
   * Where accepted objects end.
   *
   * @param scrubRate bytes a second that are read again; 0: none
   * @param scrubEvery a pass over the archive begins no sooner than this after the one before
   */
  public record Archive(
      Path path, String fileName, int workers, long scrubRate, Duration scrubEvery) {
    /** True when what is in the archive is read again. */
    public boolean scrubs() {
      return scrubRate > 0;
    }

    /** The archived object's file name in the directory of {@code studyId}. */
    public String fileNameOf(String studyId) {
      return fileName.replace("{study_id}", studyId);
    }

    /** Where a study's object is, or will be. */
    public Path objectOf(String studyId) {
      return path.resolve(studyId).resolve(fileNameOf(studyId));
    }
  }

  /** Leases, the sweep and attempts. */
  public record Work(Duration lease, Duration sweep, int maxAttempts) {}

  /**
   * When a study's batch is complete, and how it is sent.
   *
   * @param lookBack what was archived longer ago while no process ran the role is left out
   * @param stuckAfter a batch open for longer is an alarm
   * @param retention how long a batch that was sent stays to be looked at
   * @param responses which answer of a peer means what
   * @param concurrency destinations sent to at the same time
   */
  public record Batch(
      Duration quietPeriod,
      Duration maxWait,
      Duration lookBack,
      Duration stuckAfter,
      Duration retention,
      List<Duration> retry,
      Path responses,
      int concurrency) {}

  /**
   * The hub, which takes resumable uploads and files them; sizes in bytes.
   *
   * @param maxSize the largest upload, as sent and unpacked
   * @param maxOpen unfinished uploads that one principal may have
   * @param maxOpenBytes bytes announced by them
   * @param expiry an unfinished upload is kept so long after its last byte
   * @param silence a writer who sends nothing for so long makes way for another
   * @param lockWait a request waits so long for another to finish with the upload
   * @param syncEvery bytes after which what came is made durable although the request goes on
   * @param rejectedRetention rejected bytes are kept aside so long
   * @param tidy how often folder and rows are brought together
   * @param maxResults results of one search
   */
  public record Hub(
      Path path,
      long maxSize,
      int maxOpen,
      long maxOpenBytes,
      Duration expiry,
      Duration silence,
      Duration lockWait,
      long syncEvery,
      int workers,
      Duration rejectedRetention,
      Duration tidy,
      int maxManifestFiles,
      int maxResults) {}

  /**
   * The upload of another system's images to its cloud.
   *
   * @param contract source-message-header or v1
   * @param endpoint the contract's own default when none was given
   * @param token the bearer token itself, or where it comes from; all empty: none is sent
   * @param ambiguousSchedule the pauses before each further attempt after an ambiguous answer
   * @param minRate bytes a second; an upload may take the response timeout and its size at this
   *     rate
   * @param canary how often the endpoint is probed; empty: never
   */
  public record PacsUpload(
      Path database,
      Path storage,
      Path worklist,
      String contract,
      URI endpoint,
      Token token,
      Duration poll,
      int batchSize,
      int maxAttempts,
      boolean strictCompat,
      int concurrency,
      int ahead,
      List<Duration> ambiguousSchedule,
      Duration linkWait,
      Path outcomes,
      Duration connectTimeout,
      Duration responseTimeout,
      long minRate,
      Optional<URI> proxy,
      Optional<Path> caFile,
      boolean reportFailures,
      Optional<Duration> canary,
      Duration busyTimeout,
      Duration retention) {
    /** How long the upload of {@code size} bytes may take in all. */
    public Duration deadline(long size) {
      return responseTimeout.plusMillis(size * 1000 / minRate);
    }

    /** A bearer token: at most one of the three is set. */
    public record Token(String value, Optional<Path> file, String command) {
      @Override
      public String toString() {
        return value.isEmpty() ? "Token[file=" + file + "]" : "Token[hidden]";
      }
    }
  }

  /**
   * Upload sessions as a site keeps them.
   *
   * @param allowedPaths folders whose files a client may name; empty: none
   * @param maxOpen most sessions that are not finished at once
   * @param maxOpening most files clients named that are being opened at once
   * @param retention how long the copy of an acknowledged file is kept
   * @param key where the key comes from that copies are encrypted with; empty: they are not
   */
  public record Sessions(
      Path store,
      List<Path> allowedPaths,
      long maxFileSize,
      int maxOpen,
      int maxOpening,
      int maxRetries,
      Duration retention,
      Optional<SealKey> key) {

    /** A key of 32 bytes, in hex or Base64: in a file, or printed by a command. */
    public record SealKey(Optional<Path> file, String command) {}
  }

  /**
   * How sessions get to the hub.
   *
   * @param hub empty: this process's own
   * @param after how long a session is left to a client that drives it itself
   * @param lanes files sent side by side
   * @param chunk bytes of a request, of which a cut costs one at most
   * @param rate the byte-rate budget as written, such as {@code 2MB/s, 20:00-06:00 unlimited}
   * @param zone where its times of day are meant
   * @param packed true: compressed on the way, where that gains
   * @param minRate bytes a second below which a request is given up
   * @param probe longest pause between two looks whether the hub is back
   */
  public record Sync(
      Optional<URI> hub,
      Optional<Path> keyFile,
      Optional<Path> caFile,
      Duration after,
      int lanes,
      int chunk,
      RateSchedule rate,
      ZoneId zone,
      boolean packed,
      Duration connectTimeout,
      Duration responseTimeout,
      long minRate,
      Duration probe) {}
}
