package io.howdah.dicom.camel;

import io.howdah.dicom.net.Reply;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;

/** A peer did not do what a C-ECHO, C-FIND or N-ACTION asked of it. */
public final class RequestFailed extends CamelExchangeException {
  private static final long serialVersionUID = 1;

  private final transient Reply reply;

  RequestFailed(String what, String peer, Reply reply, Exchange exchange) {
    super(peer + " did not answer " + what + " with success: " + reply, exchange);
    this.reply = reply;
  }

  /** What came instead. */
  public Reply reply() {
    return reply;
  }
}
