/** The audit trail: rows that are only added to, each bound to the one before by its hash. */
package io.howdah.audit;
