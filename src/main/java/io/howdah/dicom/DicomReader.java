package io.howdah.dicom;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Reads DICOM files (PS3.10) as a gateway needs them: everything but the pixel data, which is
 * passed over and never decoded. What is wrong with a file becomes {@link Defect}s of the {@link
 * Header}, never an exception; time and memory are bounded by {@link Limits} whatever the bytes.
 */
public final class DicomReader {
  private static final int FIRST_READ = 1 << 14;

  private final Limits limits;

  public DicomReader() {
    this(Limits.DEFAULT);
  }

  public DicomReader(Limits limits) {
    this.limits = limits;
  }

  /**
   * Reads a file up to its pixel data, and no further.
   *
   * @throws IOException only when the disk cannot be read
   */
  public Header header(Path file) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      return read(new Source.OfChannel(channel), channel.size(), false);
    }
  }

  /**
   * Reads a stream up to the pixel data; it may have been read somewhat further.
   *
   * @throws IOException only when the stream throws one
   */
  public Header header(InputStream stream) throws IOException {
    return read(new Source.OfStream(stream), Long.MAX_VALUE, false);
  }

  /**
   * Reads every element of a file to its end and checks its structure.
   *
   * @param digest gets every byte of the file once, in order, whatever is wrong with it; may be
   *     null, and then long values are not even read
   * @throws IOException only when the disk cannot be read
   */
  public Header structure(Path file, MessageDigest digest) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      return read(digesting(new Source.OfChannel(channel), digest), channel.size(), true);
    }
  }

  /**
   * Reads every element of a stream to its end and checks its structure.
   *
   * @param digest gets every byte of the stream once, in order; may be null
   * @throws IOException only when the stream throws one
   */
  public Header structure(InputStream stream, MessageDigest digest) throws IOException {
    return read(digesting(new Source.OfStream(stream), digest), Long.MAX_VALUE, true);
  }

  private static Source digesting(Source source, MessageDigest digest) {
    return digest == null ? source : new Source.Digesting(source, digest);
  }

  /**
   * Reads a data set that is not in a file, such as a message's command set or identifier.
   *
   * @throws DicomException when the bytes do not make one
   */
  public DataSet dataSet(byte[] bytes, TransferSyntax syntax) throws DicomException {
    try {
      Parse parse =
          new Parse(
              limits,
              new Window(
                  new Source.OfStream(new ByteArrayInputStream(bytes)),
                  0,
                  bytes.length,
                  bytes.length),
              false);
      return parse.bare(syntax);
    } catch (DicomException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("bytes in memory cannot fail to be read", e);
    }
  }

  private Header read(Source source, long size, boolean toTheEnd) throws IOException {
    int capacity = (int) Math.min(Math.max(size, 1), FIRST_READ);
    return new Parse(limits, new Window(source, 0, size, capacity), toTheEnd).file();
  }
}
