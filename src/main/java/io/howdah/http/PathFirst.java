package io.howdah.http;

import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;

/**
 * Keeps a client's headers out of the places that belong to the path: {@code {study_id}} is what
 * the path says, whatever else has that name.
 */
final class PathFirst extends HttpHeaderFilterStrategy {
  PathFirst() {
    getOutFilter().remove("warning"); // ours alone: no client's header gets back to it
  }

  @Override
  public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
    return super.applyFilterToExternalHeaders(name, value, exchange)
        || exchange.getFromEndpoint() instanceof PlatformHttpEndpoint endpoint
            && endpoint
                .getPath()
                .toLowerCase(Locale.ROOT)
                .contains("{" + name.toLowerCase(Locale.ROOT) + "}");
  }
}
