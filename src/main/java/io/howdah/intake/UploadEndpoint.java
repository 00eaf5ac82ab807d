package io.howdah.intake;

import io.howdah.http.BusinessEndpoint;
import io.howdah.settings.Settings;

/** One path that takes uploads, with its limits. */
final class UploadEndpoint extends BusinessEndpoint {
  private final Settings.Intake intake;
  private final long maxFileSize;
  private final boolean leaveOthers;

  /**
   * @param maxFileSize 0: what the settings of intake say
   */
  UploadEndpoint(
      String uri, UploadComponent component, String path, long maxFileSize, boolean leaveOthers) {
    super(
        uri,
        component,
        path,
        (endpoint, processor) ->
            new UploadConsumer(
                (UploadEndpoint) endpoint, processor, component.settings(), component.refusals()));
    this.intake = component.settings().intake();
    this.maxFileSize = maxFileSize;
    this.leaveOthers = leaveOthers;
  }

  /** True when a request that is no upload belongs to another route on this path. */
  boolean leavesOthers() {
    return leaveOthers;
  }

  /** True when the route is told the form's other fields; elsewhere they are passed over. */
  boolean keepsFields() {
    return leaveOthers;
  }

  long maxFileSize() {
    return maxFileSize > 0 ? maxFileSize : intake.maxFileSize();
  }

  long maxRequestSize() {
    return Math.max(maxFileSize(), intake.maxRequestSize());
  }
}
