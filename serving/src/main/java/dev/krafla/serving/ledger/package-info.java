/** What each request took and cost: written as it ends, read and added up later. */
@NullMarked
package dev.krafla.serving.ledger;

import org.jspecify.annotations.NullMarked;
