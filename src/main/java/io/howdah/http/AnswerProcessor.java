package io.howdah.http;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Turns an {@link Answer} left as the body into the HTTP message that Camel's HTTP components send.
 */
public final class AnswerProcessor implements Processor {
  @Override
  public void process(Exchange exchange) {
    Message message = exchange.getMessage();
    Answer answer = message.getBody(Answer.class);
    message.removeHeaders("*");
    message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
    message.setHeader(Exchange.CONTENT_TYPE, answer.contentType());
    answer.headers().forEach(message::setHeader);
    message.setBody(answer.body());
  }
}
