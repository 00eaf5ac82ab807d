package io.howdah.dicom.camel;

import io.howdah.dicom.net.Reply;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Whether the peer of a producer answers a C-ECHO; counts where a site wants producers checked. */
final class DicomHealthCheck extends AbstractHealthCheck {
  private final DicomEndpoint endpoint;

  DicomHealthCheck(DicomEndpoint endpoint) {
    super("producers", "producer:dicom-" + endpoint.getOperation() + "-" + endpoint.peer());
    this.endpoint = endpoint;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    Reply reply = endpoint.sender().echo();
    builder.detail("peer", endpoint.peer().toString());
    if (reply instanceof Reply.Answered answered && answered.success()) {
      builder.up();
    } else {
      builder.down().message(endpoint.peer() + " did not answer a C-ECHO with success: " + reply);
    }
  }
}
