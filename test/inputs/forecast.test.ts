import { expect, test } from 'vitest';
import { Forecast } from '../../src/inputs/forecast.ts';

function take(forecast: Forecast, lines: number): void {
  for (let count = 0; count < lines; count += 1) forecast.line();
}

test('Forecast extrapolates from the bytes that were read, and does not change within a chunk', () => {
  const forecast = new Forecast(1000);
  take(forecast, 9);
  expect(forecast.lines).toBeUndefined();
  take(forecast, 1);
  forecast.passed(250);
  expect(forecast.lines).toBe(40);
  take(forecast, 10);
  expect(forecast.lines).toBe(40);
  forecast.passed(500);
  expect(forecast.lines).toBe(27);
});

test('Forecast is never less than the number so far, even if the file has grown', () => {
  const forecast = new Forecast(100);
  take(forecast, 10);
  forecast.passed(90);
  take(forecast, 30);
  expect(forecast.lines).toBe(40);
  forecast.passed(300);
  expect(forecast.lines).toBe(40);
});

test('Forecast is undefined without a size', () => {
  const forecast = new Forecast(undefined);
  take(forecast, 10);
  forecast.passed(100);
  expect(forecast.lines).toBeUndefined();
});
