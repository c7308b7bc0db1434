package dev.krafla.screen.browser;

import dev.krafla.screen.cdp.CdpSession;

/**
 * A frame of a page.
 *
 * @param parent empty for the main one
 * @param document changes with every document that the frame loads
 * @param session of the process that draws it
 * @param label as {@code f2}; empty for the main one
 */
record Frame(
    String id, String parent, String document, String url, CdpSession session, String label) {}
