/**
 * How sessions get from a site to the hub: tus 1.0 (creation, checksum), a circuit that notices the
 * hub, a budget of bytes a second.
 */
package io.howdah.sync;
