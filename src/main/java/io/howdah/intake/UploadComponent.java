package io.howdah.intake;

import io.howdah.settings.Settings;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * The {@code upload:} component: {@code from: upload:/path} hands a route each multipart upload to
 * that path on the business port as an {@link Upload}, its files written to disk and digested while
 * they came in, and answers as platform-http does: body, Content-Type and CamelHttpResponseCode as
 * the route leaves them. What {@code {name}} in the path stands for is a header of that name, and
 * the form's other fields are a map in the header {@code fields}.
 *
 * <p>{@code maxFileSize} (bytes) takes the place of howdah.intake.max-file-size; with {@code
 * leaveOthers=true} a request that is no multipart/form-data is left to another route on the path.
 */
public final class UploadComponent extends DefaultComponent {
  private final Settings settings;
  private final Refusals refusals;

  public UploadComponent(Settings settings, Refusals refusals) {
    this.settings = settings;
    this.refusals = refusals;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
    long most = getAndRemoveParameter(parameters, "maxFileSize", Long.class, 0L);
    boolean leave = getAndRemoveParameter(parameters, "leaveOthers", Boolean.class, false);
    return new UploadEndpoint(uri, this, remaining, most, leave);
  }

  Settings settings() {
    return settings;
  }

  Refusals refusals() {
    return refusals;
  }
}
