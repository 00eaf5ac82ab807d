package io.howdah.dicom.camel;

import java.util.stream.Collectors;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;

/**
 * A peer does not have all that it was sent. A redelivery of the exchange sends what is missing and
 * nothing that is confirmed.
 */
public final class NotAllStored extends CamelExchangeException {
  private static final long serialVersionUID = 1;

  private final transient StudySent sent;

  NotAllStored(String peer, StudySent sent, Exchange exchange) {
    super(
        peer
            + " has "
            + sent.stored()
            + " of "
            + (sent.stored() + sent.notStored())
            + " instances ("
            + sent.outcomes().entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining(", "))
            + "); last association: "
            + sent.end(),
        exchange);
    this.sent = sent;
  }

  /** The counts and the end. */
  public StudySent sent() {
    return sent;
  }
}
