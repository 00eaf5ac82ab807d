package io.howdah.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How this gateway takes images and procedure steps over DICOM.
 *
 * @param enabled whether it listens even where no peer may call, to see who tries
 * @param peers as {@link io.howdah.dicom.net.PeerList} reads them; empty: no one may call
 * @param commitmentOverdue a storage commitment that was asked for longer ago and never reported is
 *     an alarm
 * @param port 0 for any that is free
 */
public record DicomSettings(
    boolean enabled,
    String peers,
    String aeTitle,
    String host,
    int port,
    int maxAssociations,
    int maxAssociationsPerPeer,
    long maxObjectSize,
    int maxPdu,
    int window,
    Duration idleTimeout,
    boolean acceptUnknownClasses,
    Duration commitmentOverdue,
    Optional<Path> tlsKey,
    Optional<Path> tlsCertificate,
    Optional<Path> tlsKeyPasswordFile,
    Optional<Path> tlsTrust,
    boolean tlsMutual) {
  /** Whether TLS is spoken; then a key is needed. */
  public boolean tls() {
    return tlsKey.isPresent() || tlsTrust.isPresent();
  }

  /** Whether a listener runs. */
  public boolean listens() {
    return enabled || !peers.isEmpty();
  }
}
