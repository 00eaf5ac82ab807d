package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;

/** The 128 bytes before DICM, which belong to whoever wants them. */
final class Preamble {
  private Preamble() {}

  /** PS3.10 §7.1: the preamble may be another format's beginning, and so make two files of one. */
  static void check(byte[] head, Defects defects) {
    int i = 0;
    while (i < 128 && head[i] == 0) {
      i++;
    }
    if (i == 128) {
      return;
    }
    int first = 0;
    while (first < 128 && (head[first] == ' ' || head[first] >= '\t' && head[first] <= '\r')) {
      first++;
    }
    int a = head[0] & 0xFF;
    int b = head[1] & 0xFF;
    int c = head[2] & 0xFF;
    int d = head[3] & 0xFF;
    boolean tiff =
        a == 'I' && b == 'I' && (c == '*' || c == '+') && d == 0
            || a == 'M' && b == 'M' && c == 0 && (d == '*' || d == '+');
    int magic = a << 24 | b << 16 | c << 8 | d;
    boolean other =
        a == 'M' && b == 'Z'
            || a == 0x7F && b == 'E' && c == 'L' && d == 'F'
            || a == '#' && b == '!'
            || a == '%' && (b == 'P' || b == '!')
            || a == 'P' && b == 'K' && c <= 8
            || magic == 0xCAFEBABE
            || magic == 0xFEEDFACE
            || magic == 0xFEEDFACF
            || magic == 0xCEFAEDFE
            || magic == 0xCFFAEDFE
            || magic == 0x0061736D
            || first < 128 && (head[first] == '{' || head[first] == '[' || head[first] == '<');
    if (other) {
      defects.report(
          Code.EXECUTABLE_PREAMBLE,
          0,
          0,
          Severity.ERROR,
          "the preamble begins a program, script or document: the file would be two things at once");
    } else if (!tiff) {
      defects.report(
          Code.PREAMBLE_NOT_ZERO,
          0,
          i,
          Severity.NOTE,
          "the preamble is neither zeros nor the beginning of a TIFF file");
    }
  }
}
