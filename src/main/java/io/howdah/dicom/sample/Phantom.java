package io.howdah.dicom.sample;

import java.util.Random;

/** Draws: a head made of ellipsoids, a bar of colours. */
final class Phantom {
  /** Centre x, y, z; half axes a, b, c; angle in degrees; what it adds to the grey inside. */
  private static final double[][] ELLIPSOIDS = {
    {0, 0, 0, .69, .92, .9, 0, 1.9},
    {0, -.0184, 0, .6624, .874, .88, 0, -.87},
    {.22, 0, -.15, .11, .31, .22, -18, -.03},
    {-.22, 0, -.15, .16, .41, .28, 18, -.03},
    {0, .35, -.05, .21, .25, .35, 0, .015},
    {0, .1, .05, .046, .046, .046, 0, .02},
    {0, -.1, .1, .046, .046, .046, 0, .02},
    {-.08, -.605, 0, .046, .023, .02, 0, .025},
    {.06, -.605, 0, .023, .046, .02, 0, .025}
  };

  private Phantom() {}

  /** 16 bit little endian pixels of a slice at height {@code z}, with noise from a seed. */
  static byte[] head(int size, double z, int water, int scale, long seed) {
    byte[] pixels = new byte[size * size * 2];
    Random noise = new Random(seed);
    double[] row = new double[size];
    for (int y = 0; y < size; y++) {
      java.util.Arrays.fill(row, 0);
      double v = 2.0 * y / size - 1;
      for (double[] e : ELLIPSOIDS) {
        ellipsoid(e, v, z, row);
      }
      for (int x = 0; x < size; x++) {
        int value = row[x] == 0 ? noise.nextInt(8) : (int) (water * row[x] + scale * (row[x] - 1));
        value = Math.max(0, Math.min(4095, value + noise.nextInt(16)));
        pixels[2 * (y * size + x)] = (byte) value;
        pixels[2 * (y * size + x) + 1] = (byte) (value >>> 8);
      }
    }
    return pixels;
  }

  private static void ellipsoid(double[] e, double v, double z, double[] row) {
    double dz = (z - e[2]) / e[5];
    if (dz * dz >= 1) {
      return;
    }
    double cos = Math.cos(Math.toRadians(e[6]));
    double sin = Math.sin(Math.toRadians(e[6]));
    for (int x = 0; x < row.length; x++) {
      double dx = 2.0 * x / row.length - 1 - e[0];
      double dy = v - e[1];
      double a = (dx * cos + dy * sin) / e[3];
      double b = (dy * cos - dx * sin) / e[4];
      if (a * a + b * b + dz * dz <= 1) {
        row[x] += e[7];
      }
    }
  }

  /** 8 bit RGB pixels: the eight colours of full and no light. */
  static byte[] colourBars(int columns, int rows) {
    byte[] pixels = new byte[columns * rows * 3];
    for (int y = 0, i = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int colour = 7 - 8 * x / columns;
        int light = 255 - 128 * y / rows;
        pixels[i++] = (byte) ((colour & 2) != 0 ? light : 0);
        pixels[i++] = (byte) ((colour & 4) != 0 ? light : 0);
        pixels[i++] = (byte) ((colour & 1) != 0 ? light : 0);
      }
    }
    return pixels;
  }
}
