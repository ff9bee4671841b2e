import { formatCount } from '../../text/quantity.ts';
import { html, type Markup } from '../markup.ts';
import { maxRowsPerLabel, type ReportModel } from '../model/report-model.ts';
import { verdicts, verdictSigns } from '../model/verdicts.ts';

/** Renders the table of the slowest and the failed requests, which the page's script fills. */
export function requests({ notable, stats }: ReportModel): Markup | undefined {
  if (notable.rows.length === 0) return undefined;
  return html`<section aria-labelledby="requests">
    <h2 id="requests">Slowest and failed requests</h2>
    <p class="muted">${scope(notable, stats.count)}</p>
    <form class="toolbar" id="request-filter" role="search" hidden>
      <label
        >Find
        <input
          type="search"
          id="request-text"
          placeholder="URL, status, code, message"
          autocomplete="off"
          spellcheck="false"
      /></label>
      <label
        >Outcome
        <select id="request-outcome">
          <option value="">all</option>
          ${verdicts.map((verdict) => html`<option value="${verdict}">${verdictSigns[verdict].name}</option>`)}
        </select></label
      >
      <output id="request-count" class="muted"></output>
    </form>
    <div class="requests-area">
      <table class="sortable requests" id="request-table">
        <thead>
          <tr>
            <th scope="col" data-key="label"><button type="button">Outcome</button></th>
            <th scope="col" data-key="elapsedMs" aria-sort="descending"><button type="button">Time</button></th>
            <th scope="col" data-key="attempts"><button type="button">Attempts</button></th>
            <th scope="col" data-key="length"><button type="button">Size</button></th>
            <th scope="col" data-key="startMs"><button type="button">Started</button></th>
            <th scope="col" data-key="url"><button type="button">Request</button></th>
          </tr>
        </thead>
        <tbody></tbody>
      </table>
    </div>
    <button type="button" id="request-more" hidden>Show more</button>
    <noscript><p>This table needs JavaScript.</p></noscript>
  </section> `;
}

function scope({ rows, slowest, notOk, notOkCount }: ReportModel['notable'], all: number): string {
  if (rows.length === all) return `All ${formatCount(all)} requests.`;
  const slow = `The ${formatCount(slowest)} slowest of ${formatCount(all)} requests`;
  if (notOkCount === 0) return `${slow}. Every request was ok.`;
  const bad =
    notOk === notOkCount
      ? `all ${formatCount(notOk)} that were not ok`
      : `${formatCount(notOk)} of the ${formatCount(notOkCount)} that were not ok (up to ${maxRowsPerLabel} per status or error code)`;
  return `${slow}, and ${bad}.`;
}
