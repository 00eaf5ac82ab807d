package io.howdah.dicom.net;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * How DICOM is spoken over TLS: the non-downgrading BCP 195 profile (PS3.15 §B.9), which is TLS 1.2
 * and 1.3 with forward secrecy and authenticated encryption only.
 *
 * @param context keys and trusted authorities
 * @param mutual whether an acceptor insists on the requestor's certificate
 * @param verifyHostName whether a requestor insists that the certificate names the host it called
 */
public record TlsProfile(SSLContext context, boolean mutual, boolean verifyHostName) {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  SSLSocket wrap(Socket plain, String peerHost, int port, boolean client) throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, peerHost, port, true);
    socket.setUseClientMode(client);
    SSLParameters parameters = socket.getSSLParameters();
    Set<String> supported = Set.copyOf(Arrays.asList(socket.getSupportedCipherSuites()));
    parameters.setProtocols(PROTOCOLS);
    parameters.setCipherSuites(CIPHERS.stream().filter(supported::contains).toArray(String[]::new));
    if (client && verifyHostName) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!client) {
      parameters.setNeedClientAuth(mutual);
      parameters.setUseCipherSuitesOrder(true);
    }
    socket.setSSLParameters(parameters);
    return socket;
  }
}
