package io.howdah.http;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Turns an {@link Answer} or {@link Download} left as the body into the HTTP message that Camel's
 * HTTP components send.
 */
public final class AnswerProcessor implements Processor {
  @Override
  public void process(Exchange exchange) {
    Message message = exchange.getMessage();
    if (message.getBody() instanceof Download download) {
      become(message, download.status(), download.contentType(), download.headers());
      message.setBody(download.body());
    } else {
      Answer answer = message.getBody(Answer.class);
      become(message, answer.status(), answer.contentType(), answer.headers());
      message.setBody(answer.body());
    }
  }

  private static void become(
      Message message, int status, String contentType, Map<String, String> headers) {
    message.removeHeaders("*");
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    message.setHeader(Exchange.CONTENT_TYPE, contentType);
    headers.forEach(message::setHeader);
  }
}
