package io.howdah.dicom.camel;

import io.howdah.dicom.net.Deadlines;
import java.time.Duration;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** How long each phase of an endpoint's associations may last. */
@UriParams
public class DicomTimeouts {
  @UriParam(
      label = "producer",
      defaultValue = "10s",
      javaType = "java.time.Duration",
      description = "For the TCP connection, and again for the TLS handshake")
  private long connectTimeout = Deadlines.DEFAULT.connect().toMillis();

  @UriParam(
      label = "producer",
      defaultValue = "30s",
      javaType = "java.time.Duration",
      description = "From A-ASSOCIATE-RQ to its answer")
  private long associateTimeout = Deadlines.DEFAULT.associate().toMillis();

  @UriParam(
      label = "consumer",
      defaultValue = "10s",
      javaType = "java.time.Duration",
      description = "ARTIM: from the TCP connection to a whole A-ASSOCIATE-RQ")
  private long artimTimeout = Deadlines.DEFAULT.artim().toMillis();

  @UriParam(
      defaultValue = "30s",
      javaType = "java.time.Duration",
      description = "For any one write that the peer does not take")
  private long writeTimeout = Deadlines.DEFAULT.write().toMillis();

  @UriParam(
      defaultValue = "30s",
      javaType = "java.time.Duration",
      description = "From the first to the last byte of one PDU")
  private long pduTimeout = Deadlines.DEFAULT.pdu().toMillis();

  @UriParam(
      label = "producer",
      defaultValue = "60s",
      javaType = "java.time.Duration",
      description = "From the last byte of a request to its answer")
  private long responseTimeout = Deadlines.DEFAULT.response().toMillis();

  @UriParam(
      label = "producer",
      defaultValue = "5s",
      javaType = "java.time.Duration",
      description = "From A-RELEASE-RQ to its answer")
  private long releaseTimeout = Deadlines.DEFAULT.release().toMillis();

  @UriParam(
      label = "consumer",
      defaultValue = "30s",
      javaType = "java.time.Duration",
      description = "Between the messages of a peer")
  private long idleTimeout = Deadlines.DEFAULT.idle().toMillis();

  @UriParam(
      defaultValue = "2s",
      javaType = "java.time.Duration",
      description = "From the last PDU to the end of the connection")
  private long closeTimeout = Deadlines.DEFAULT.close().toMillis();

  Deadlines deadlines() {
    return new Deadlines(
        Duration.ofMillis(connectTimeout),
        Duration.ofMillis(associateTimeout),
        Duration.ofMillis(artimTimeout),
        Duration.ofMillis(writeTimeout),
        Duration.ofMillis(pduTimeout),
        Duration.ofMillis(responseTimeout),
        Duration.ofMillis(releaseTimeout),
        Duration.ofMillis(idleTimeout),
        Duration.ofMillis(closeTimeout));
  }

  public long getConnectTimeout() {
    return connectTimeout;
  }

  public void setConnectTimeout(long connectTimeout) {
    this.connectTimeout = connectTimeout;
  }

  public long getAssociateTimeout() {
    return associateTimeout;
  }

  public void setAssociateTimeout(long associateTimeout) {
    this.associateTimeout = associateTimeout;
  }

  public long getArtimTimeout() {
    return artimTimeout;
  }

  public void setArtimTimeout(long artimTimeout) {
    this.artimTimeout = artimTimeout;
  }

  public long getWriteTimeout() {
    return writeTimeout;
  }

  public void setWriteTimeout(long writeTimeout) {
    this.writeTimeout = writeTimeout;
  }

  public long getPduTimeout() {
    return pduTimeout;
  }

  public void setPduTimeout(long pduTimeout) {
    this.pduTimeout = pduTimeout;
  }

  public long getResponseTimeout() {
    return responseTimeout;
  }

  public void setResponseTimeout(long responseTimeout) {
    this.responseTimeout = responseTimeout;
  }

  public long getReleaseTimeout() {
    return releaseTimeout;
  }

  public void setReleaseTimeout(long releaseTimeout) {
    this.releaseTimeout = releaseTimeout;
  }

  public long getIdleTimeout() {
    return idleTimeout;
  }

  public void setIdleTimeout(long idleTimeout) {
    this.idleTimeout = idleTimeout;
  }

  public long getCloseTimeout() {
    return closeTimeout;
  }

  public void setCloseTimeout(long closeTimeout) {
    this.closeTimeout = closeTimeout;
  }
}
