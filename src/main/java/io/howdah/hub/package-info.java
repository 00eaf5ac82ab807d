/**
 * The hub: takes resumable uploads (tus 1.0), verifies them, files them in PACS-lite, and only then
 * acknowledges them; shows what it holds through DICOMweb.
 */
package io.howdah.hub;
