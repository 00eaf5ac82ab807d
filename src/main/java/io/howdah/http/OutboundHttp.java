package io.howdah.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.MonitoringResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * How this gateway talks to another server over HTTP: pooled connections that stay open, deadlines
 * for connecting and for silence, an ear for an answer that comes before the body is sent, TLS
 * always verified; no redirect, retry, cookie or compression that nobody asked for.
 *
 * @param silence the longest the other may say nothing
 * @param caFile PEM certificates of its authority; empty: those the JVM trusts
 * @param caKey the setting that names them, for complaints
 * @param proxy {@code http://host:port}, with {@code user:password@} where it wants one
 */
public record OutboundHttp(
    Duration connectTimeout,
    Duration silence,
    int connections,
    Optional<Path> caFile,
    String caKey,
    Optional<URI> proxy) {
  /** How much is sent between two looks for an answer that came early. */
  private static final long EARLY_ANSWER_EVERY = 1024 * 1024;

  /**
   * A client; to be closed by who asked for it.
   *
   * @throws IOException when the certificates cannot be used
   */
  public CloseableHttpClient client() throws IOException {
    Timeout longest = Timeout.of(silence);
    HttpClientBuilder builder =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(connections)
                    .setMaxConnTotal(connections)
                    .setTlsSocketStrategy(trust())
                    .setConnectionFactory(
                        ManagedHttpClientConnectionFactory.builder()
                            .responseParserFactory(OutboundHttp::wholeHeads)
                            .responseOutOfOrderStrategy(
                                new MonitoringResponseOutOfOrderStrategy(EARLY_ANSWER_EVERY))
                            .build())
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.of(connectTimeout))
                            .setSocketTimeout(longest)
                            .setValidateAfterInactivity(TimeValue.ofMilliseconds(500))
                            .setTimeToLive(TimeValue.ofMinutes(10))
                            .build())
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(longest)
                    .setConnectionRequestTimeout(longest)
                    .setExpectContinueEnabled(false)
                    .build())
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableContentCompression()
            .disableAuthCaching()
            .setUserAgent("howdah");
    proxy.ifPresent(address -> through(address, builder));
    return builder.build();
  }

  /**
   * Reads answers as usual, but takes none whose head ends with the connection: the library would
   * take a number that was cut in two for the whole number.
   */
  private static HttpMessageParser<ClassicHttpResponse> wholeHeads(Http1Config config) {
    HttpMessageParser<ClassicHttpResponse> usual =
        DefaultHttpResponseParserFactory.INSTANCE.create(config);
    return (buffer, in) ->
        usual.parse(
            buffer,
            new FilterInputStream(in) {
              @Override
              public int read(byte[] bytes, int from, int length) throws IOException {
                int read = super.read(bytes, from, length);
                if (read < 0) {
                  throw new ConnectionClosedException("the answer ended before its head did");
                }
                return read;
              }
            });
  }

  private static void through(URI proxy, HttpClientBuilder builder) {
    HttpHost host = new HttpHost(proxy.getHost(), proxy.getPort() < 0 ? 80 : proxy.getPort());
    builder.setProxy(host);
    if (proxy.getUserInfo() != null) {
      String[] user = proxy.getUserInfo().split(":", 2);
      BasicCredentialsProvider credentials = new BasicCredentialsProvider();
      credentials.setCredentials(
          new AuthScope(host),
          new UsernamePasswordCredentials(
              user[0], user.length == 2 ? user[1].toCharArray() : new char[0]));
      builder.setDefaultCredentialsProvider(credentials);
    }
  }

  private TlsSocketStrategy trust() throws IOException {
    if (caFile.isEmpty()) {
      // the JVM reads its authorities once, and here not before somebody connects over TLS
      return (socket, host, port, attachment, context) ->
          new DefaultClientTlsStrategy(SSLContexts.createSystemDefault())
              .upgrade(socket, host, port, attachment, context);
    }
    try (InputStream in = Files.newInputStream(caFile.get())) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      if (number == 0) {
        throw new IOException(caKey + " holds no certificate");
      }
      return new DefaultClientTlsStrategy(
          SSLContexts.custom().loadTrustMaterial(store, null).build());
    } catch (GeneralSecurityException e) {
      throw new IOException(caKey + " holds no usable certificates", e);
    }
  }
}
