package io.howdah.dicom.camel;

import io.howdah.dicom.net.TlsProfile;
import io.howdah.dicom.net.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.jsse.SSLContextParameters;

/** How an endpoint speaks TLS, if it does. */
@UriParams
public class DicomTls {
  @UriParam(label = "security", description = "Speak TLS (BCP 195, PS3.15 B.9)")
  private boolean tls;

  @UriParam(
      label = "security",
      description =
          "File with our certificate and private key: PKCS #12 (.p12, .pfx) or PEM; may be left"
              + " out by a producer that is not asked for one")
  private String tlsKey;

  @UriParam(
      label = "security",
      description = "PEM file with our certificate, when tlsKey holds the key alone")
  private String tlsCertificate;

  @UriParam(label = "security", secret = true, description = "Password of the key")
  private String tlsKeyPassword = "";

  @UriParam(
      label = "security",
      description = "File with the authorities whose certificates are believed: PEM or PKCS #12")
  private String tlsTrust;

  @UriParam(
      label = "consumer,security",
      description = "Whether callers must show a certificate that is believed")
  private boolean tlsMutual;

  @UriParam(
      label = "producer,security",
      defaultValue = "true",
      description = "Whether the peer's certificate must name the host that was called")
  private boolean tlsVerifyHostName = true;

  @UriParam(
      label = "security",
      description = "Keys and authorities as Camel configures them, instead of the tls files")
  private SSLContextParameters sslContextParameters;

  /** The profile of one who calls; empty for plain TCP. */
  Optional<TlsProfile> calling(CamelContext context) throws IOException {
    if (tls && sslContextParameters == null && path(tlsTrust) == null) {
      throw new IllegalArgumentException(
          "tls=true needs tlsTrust, the file with the authorities to believe");
    }
    return profile(context);
  }

  /** The profile of one who is called; empty for plain TCP. */
  Optional<TlsProfile> listening(CamelContext context) throws IOException {
    if (tls && sslContextParameters == null && path(tlsKey) == null) {
      throw new IllegalArgumentException(
          "tls=true needs tlsKey, the file with our private key and certificate");
    }
    return profile(context);
  }

  private Optional<TlsProfile> profile(CamelContext context) throws IOException {
    if (!tls && sslContextParameters == null) {
      return Optional.empty();
    }
    if (sslContextParameters != null) {
      try {
        return Optional.of(
            new TlsProfile(
                sslContextParameters.createSSLContext(context), tlsMutual, tlsVerifyHostName));
      } catch (GeneralSecurityException e) {
        throw new IOException("sslContextParameters cannot be used: " + e.getMessage(), e);
      }
    }
    return Optional.of(
        new TlsSettings(
                path(tlsKey),
                path(tlsCertificate),
                tlsKeyPassword,
                trust(),
                tlsMutual,
                tlsVerifyHostName)
            .load());
  }

  /** One who is called and names no authorities believes no one but itself. */
  private Path trust() {
    Path own = path(tlsCertificate) == null ? path(tlsKey) : path(tlsCertificate);
    return path(tlsTrust) == null ? own : path(tlsTrust);
  }

  private static Path path(String file) {
    return file == null || file.isEmpty() ? null : Path.of(file);
  }

  public boolean isTls() {
    return tls;
  }

  public void setTls(boolean tls) {
    this.tls = tls;
  }

  public String getTlsKey() {
    return tlsKey;
  }

  public void setTlsKey(String tlsKey) {
    this.tlsKey = tlsKey;
  }

  public String getTlsCertificate() {
    return tlsCertificate;
  }

  public void setTlsCertificate(String tlsCertificate) {
    this.tlsCertificate = tlsCertificate;
  }

  public String getTlsKeyPassword() {
    return tlsKeyPassword;
  }

  public void setTlsKeyPassword(String tlsKeyPassword) {
    this.tlsKeyPassword = tlsKeyPassword;
  }

  public String getTlsTrust() {
    return tlsTrust;
  }

  public void setTlsTrust(String tlsTrust) {
    this.tlsTrust = tlsTrust;
  }

  public boolean isTlsMutual() {
    return tlsMutual;
  }

  public void setTlsMutual(boolean tlsMutual) {
    this.tlsMutual = tlsMutual;
  }

  public boolean isTlsVerifyHostName() {
    return tlsVerifyHostName;
  }

  public void setTlsVerifyHostName(boolean tlsVerifyHostName) {
    this.tlsVerifyHostName = tlsVerifyHostName;
  }

  public SSLContextParameters getSslContextParameters() {
    return sslContextParameters;
  }

  public void setSslContextParameters(SSLContextParameters sslContextParameters) {
    this.sslContextParameters = sslContextParameters;
  }
}
