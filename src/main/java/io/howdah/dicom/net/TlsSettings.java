package io.howdah.dicom.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where the keys for DICOM over TLS lie. A file named {@code .p12} or {@code .pfx} is PKCS #12, any
 * other is PEM with a PKCS #8 key.
 *
 * @param key our certificates and private key in one file, or the key alone when {@code
 *     certificate} is given; may be null for a requestor that is not asked for one
 * @param certificate PEM with our certificate and its chain, or null
 * @param password of the key, empty for none
 * @param trusted authorities whose certificates are believed; never null: nothing is trusted
 *     blindly
 * @param mutual whether a requestor must show a certificate
 * @param verifyHostName whether the certificate of a peer we call must name its host
 */
public record TlsSettings(
    Path key,
    Path certificate,
    String password,
    Path trusted,
    boolean mutual,
    boolean verifyHostName) {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([^-]+)-----END");

  /**
   * Reads the files.
   *
   * @throws IOException naming the file that cannot be used and why
   */
  public TlsProfile load() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(key == null ? emptyStore() : keyStore(), password.toCharArray());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trustStore());
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return new TlsProfile(context, mutual, verifyHostName);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS keys cannot be used: " + e.getMessage(), e);
    }
  }

  private KeyStore keyStore() throws IOException, GeneralSecurityException {
    if (isPkcs12(key)) {
      return pkcs12(key);
    }
    KeyStore store = emptyStore();
    Collection<? extends Certificate> chain = certificates(certificate == null ? key : certificate);
    store.setKeyEntry(
        "howdah", privateKey(), password.toCharArray(), chain.toArray(Certificate[]::new));
    return store;
  }

  private KeyStore trustStore() throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    if (isPkcs12(trusted)) {
      // a PKCS #12 file made by other tools marks no entry as trusted; what it holds is meant so
      KeyStore given = pkcs12(trusted);
      for (String alias : java.util.Collections.list(given.aliases())) {
        store.setCertificateEntry(alias, given.getCertificate(alias));
      }
      if (store.size() == 0) {
        throw new IOException(
            "no certificate that Java reads in "
                + trusted.getFileName()
                + "; give PEM, or make it with keytool -importcert");
      }
      return store;
    }
    int number = 0;
    for (Certificate authority : certificates(trusted)) {
      store.setCertificateEntry("trusted-" + number++, authority);
    }
    return store;
  }

  private KeyStore pkcs12(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, password.toCharArray());
    }
    return store;
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static boolean isPkcs12(Path file) {
    String name = file.getFileName().toString().toLowerCase(java.util.Locale.ROOT);
    return name.endsWith(".p12") || name.endsWith(".pfx");
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    StringBuilder pem = new StringBuilder();
    Matcher matcher =
        Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
            .matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      pem.append(matcher.group()).append('\n');
    }
    if (pem.length() == 0) {
      throw new IOException("no certificate in " + file.getFileName());
    }
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(
            new ByteArrayInputStream(pem.toString().getBytes(StandardCharsets.ISO_8859_1)));
  }

  private PrivateKey privateKey() throws IOException, GeneralSecurityException {
    Matcher pem = PEM.matcher(Files.readString(key, StandardCharsets.ISO_8859_1));
    if (!pem.find()) {
      throw new IOException("no private key in " + key.getFileName());
    }
    byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
    PKCS8EncodedKeySpec spec =
        switch (pem.group(1)) {
          case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(der);
          case "ENCRYPTED PRIVATE KEY" -> decrypted(der);
          default ->
              throw new IOException(
                  key.getFileName()
                      + " holds a "
                      + pem.group(1)
                      + "; turn it into PKCS #8 with: openssl pkcs8 -topk8");
        };
    for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        continue;
      }
    }
    throw new IOException(key.getFileName() + " holds a key of an unknown kind");
  }

  private PKCS8EncodedKeySpec decrypted(byte[] der) throws IOException, GeneralSecurityException {
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
    // the name of a PBES2 scheme is told by its parameters only
    String scheme = info.getAlgParameters().toString();
    SecretKey secret =
        SecretKeyFactory.getInstance(scheme).generateSecret(new PBEKeySpec(password.toCharArray()));
    Cipher cipher = Cipher.getInstance(scheme);
    cipher.init(Cipher.DECRYPT_MODE, secret, info.getAlgParameters());
    return info.getKeySpec(cipher);
  }

  @Override
  public String toString() {
    return "TlsSettings[key=" + key + ", trusted=" + trusted + ", mutual=" + mutual + "]";
  }
}
