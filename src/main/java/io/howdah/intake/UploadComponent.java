package io.howdah.intake;

import io.howdah.settings.Settings;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;

/**
 * The {@code upload:} component: {@code from: upload:/path} hands a route each multipart upload to
 * that path on the business port as an {@link Upload}, its files written to disk and digested while
 * they came in, and answers as platform-http does: body, Content-Type and CamelHttpResponseCode as
 * the route leaves them.
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
    String path = remaining.startsWith("/") ? remaining : "/" + remaining;
    return new UploadEndpoint(uri, this, path);
  }

  Settings settings() {
    return settings;
  }

  Refusals refusals() {
    return refusals;
  }
}
