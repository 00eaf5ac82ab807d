package io.howdah.http;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Reads requests as Vert.x does, and refuses one that gives both a length and a transfer coding
 * (RFC 9112 §6.3): the stock decoder drops the length without a word, which lets a request be
 * smuggled past a proxy that believes it.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private StrictRequestDecoder(HttpServerOptions options) {
    super(options);
  }

  /** Takes the stock decoder's place; to be called before the connection's first byte is read. */
  static void on(HttpConnection connection, HttpServerOptions options) {
    ChannelPipeline pipeline = ((ConnectionBase) connection).channelHandlerContext().pipeline();
    pipeline.replace(
        VertxHttpRequestDecoder.class, "strict-decoder", new StrictRequestDecoder(options));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }
}
