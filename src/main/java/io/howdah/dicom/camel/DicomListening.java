package io.howdah.dicom.camel;

import io.howdah.dicom.net.Deadlines;
import io.howdah.dicom.net.FileSink;
import io.howdah.dicom.net.PeerList;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.dicom.net.TlsProfile;
import java.util.Optional;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** Who may call an endpoint, how often, and what it keeps. */
@UriParams
public class DicomListening {
  @UriParam(
      label = "consumer",
      defaultValue = "HOWDAH",
      description = "What peers must call us; * for anything")
  private String aeTitle = "HOWDAH";

  @UriParam(
      label = "consumer,security",
      description =
          "Who may call: AE@address, AE@* or AE@10.1.0.0/16, comma-separated; * alone lets everyone"
              + " in, nothing lets no one in. A refusal is logged with the entry that would allow"
              + " it")
  private String peers = "";

  @UriParam(
      label = "consumer",
      defaultValue = "32",
      description = "Associations at any time; one more is put off (2,3,2)")
  private int maxAssociations = ServerSettings.Caps.DEFAULT.associations();

  @UriParam(
      label = "consumer",
      defaultValue = "16",
      description = "Associations at any time with one AE title at one address")
  private int maxAssociationsPerPeer = ServerSettings.Caps.DEFAULT.perPeer();

  @UriParam(
      label = "consumer,advanced",
      defaultValue = "64",
      description = "Connections that have not asked for an association yet; one more is closed")
  private int maxHandshakes = ServerSettings.Caps.DEFAULT.handshakes();

  @UriParam(
      label = "consumer",
      defaultValue = "8589934592",
      description = "The largest data set taken, in bytes; a larger one is answered A700")
  private long maxObjectSize = ServerSettings.Taken.DEFAULT.maxObjectBytes();

  @UriParam(
      label = "consumer,advanced",
      description =
          "Whether SOP classes and transfer syntaxes this version has not heard of are stored too")
  private boolean acceptUnknownClasses;

  @UriParam(
      label = "consumer",
      description =
          "Where objects are while a route works on them; a route that keeps one moves or links it."
              + " Needed to take C-STORE")
  private String directory;

  @UriParam(
      label = "consumer",
      defaultValue = "true",
      description = "Whether a file is forced to the disk before the route sees it")
  private boolean sync = true;

  @UriParam(
      label = "consumer",
      defaultValue = "true",
      description = "Whether the SHA-256 of each file is computed while it comes in")
  private boolean digest = true;

  @UriParam(
      label = "consumer",
      description =
          "Bytes of the disk that objects may not use: when less is free they are answered A700")
  private long diskReserve;

  @UriParam(
      label = "consumer",
      description = "Whether procedure steps (MPPS N-CREATE and N-SET) are handed to the route")
  private boolean procedureSteps;

  ServerSettings settings(
      String host,
      int port,
      int maxPdu,
      int window,
      boolean tcpNoDelay,
      Deadlines deadlines,
      Optional<TlsProfile> tls) {
    return new ServerSettings(
        aeTitle,
        host == null ? "0.0.0.0" : host,
        port,
        PeerList.parse(peers),
        new ServerSettings.Caps(maxAssociations, maxAssociationsPerPeer, maxHandshakes),
        new ServerSettings.Taken(maxPdu, maxObjectSize, acceptUnknownClasses, window),
        tcpNoDelay,
        deadlines,
        tls);
  }

  FileSink.Options fileOptions() {
    return new FileSink.Options(sync, digest, diskReserve);
  }

  public String getAeTitle() {
    return aeTitle;
  }

  public void setAeTitle(String aeTitle) {
    this.aeTitle = aeTitle;
  }

  public String getPeers() {
    return peers;
  }

  public void setPeers(String peers) {
    this.peers = peers;
  }

  public int getMaxAssociations() {
    return maxAssociations;
  }

  public void setMaxAssociations(int maxAssociations) {
    this.maxAssociations = maxAssociations;
  }

  public int getMaxAssociationsPerPeer() {
    return maxAssociationsPerPeer;
  }

  public void setMaxAssociationsPerPeer(int maxAssociationsPerPeer) {
    this.maxAssociationsPerPeer = maxAssociationsPerPeer;
  }

  public int getMaxHandshakes() {
    return maxHandshakes;
  }

  public void setMaxHandshakes(int maxHandshakes) {
    this.maxHandshakes = maxHandshakes;
  }

  public long getMaxObjectSize() {
    return maxObjectSize;
  }

  public void setMaxObjectSize(long maxObjectSize) {
    this.maxObjectSize = maxObjectSize;
  }

  public boolean isAcceptUnknownClasses() {
    return acceptUnknownClasses;
  }

  public void setAcceptUnknownClasses(boolean acceptUnknownClasses) {
    this.acceptUnknownClasses = acceptUnknownClasses;
  }

  public String getDirectory() {
    return directory;
  }

  public void setDirectory(String directory) {
    this.directory = directory;
  }

  public boolean isSync() {
    return sync;
  }

  public void setSync(boolean sync) {
    this.sync = sync;
  }

  public boolean isDigest() {
    return digest;
  }

  public void setDigest(boolean digest) {
    this.digest = digest;
  }

  public long getDiskReserve() {
    return diskReserve;
  }

  public void setDiskReserve(long diskReserve) {
    this.diskReserve = diskReserve;
  }

  public boolean isProcedureSteps() {
    return procedureSteps;
  }

  public void setProcedureSteps(boolean procedureSteps) {
    this.procedureSteps = procedureSteps;
  }
}
