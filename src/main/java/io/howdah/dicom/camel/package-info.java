/**
 * The {@code dicom:} component: DICOM networking for Camel routes. Everything it knows about DICOM
 * it has from {@link io.howdah.dicom.net}.
 */
package io.howdah.dicom.camel;
