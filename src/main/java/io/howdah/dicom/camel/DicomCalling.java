package io.howdah.dicom.camel;

import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Deadlines;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** Whom an endpoint calls and how it asks for associations. */
@UriParams
public class DicomCalling {
  @UriParam(label = "producer", description = "What the peer is called; needed to call one")
  private String calledAeTitle;

  @UriParam(
      label = "producer",
      defaultValue = "HOWDAH",
      description = "What we call ourselves; the component's by default")
  private String callingAeTitle;

  @UriParam(
      label = "producer,advanced",
      defaultValue = "262144",
      description = "The longest P-DATA-TF body we send to a peer that takes it, 4096 to 524288")
  private int sendPdu = AssociationSettings.DEFAULT.sendPdu();

  @UriParam(
      label = "producer",
      defaultValue = "0",
      javaType = "java.time.Duration",
      description =
          "How long a commitment request waits for the report on the same association; 0 for peers"
              + " that report on their own")
  private long reportTimeout;

  AssociationSettings settings(int maxPdu, int window, boolean tcpNoDelay, Deadlines deadlines) {
    return new AssociationSettings(maxPdu, sendPdu, window, tcpNoDelay, deadlines);
  }

  public String getCalledAeTitle() {
    return calledAeTitle;
  }

  public void setCalledAeTitle(String calledAeTitle) {
    this.calledAeTitle = calledAeTitle;
  }

  public String getCallingAeTitle() {
    return callingAeTitle;
  }

  public void setCallingAeTitle(String callingAeTitle) {
    this.callingAeTitle = callingAeTitle;
  }

  public int getSendPdu() {
    return sendPdu;
  }

  public void setSendPdu(int sendPdu) {
    this.sendPdu = sendPdu;
  }

  public long getReportTimeout() {
    return reportTimeout;
  }

  public void setReportTimeout(long reportTimeout) {
    this.reportTimeout = reportTimeout;
  }
}
