/**
 * Offline-first upload sessions (seed 001, contracts §2) as a site keeps them: the file, the row,
 * its states, and the HTTP API. How bytes reach the hub is the business of {@code io.howdah.sync}.
 */
package io.howdah.session;
