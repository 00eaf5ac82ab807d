/**
 * DICOM files and data sets: reading (PS3.5, PS3.10) without decoding pixels, writing, the data
 * dictionary (PS3.6), character sets (PS3.3 §C.12.1.1.2), the JSON model (PS3.18 Annex F). Knows
 * nothing of Camel, SQL or the gateway; whatever the bytes, time and memory are bounded.
 */
package io.howdah.dicom;
