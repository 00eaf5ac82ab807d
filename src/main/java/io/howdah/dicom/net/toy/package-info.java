/**
 * A peer that misbehaves on request, for tests and for sites that want to see what their senders
 * do. Speaks just enough of the protocol by code of its own, so that it shares no fault with the
 * rest.
 */
package io.howdah.dicom.net.toy;
