/** HTTP/1.1 connections to those who answer: kept, watched, broken off at any moment. */
@NullMarked
package dev.krafla.gateway.upstream;

import org.jspecify.annotations.NullMarked;
